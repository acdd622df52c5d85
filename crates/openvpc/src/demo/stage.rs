//! The stage of a tour: a daemon of its own, a client, and a printer that keeps the score.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::cli::{DataPathChoice, Output};
use crate::client::{Client, Refusal, Xml};

/// How long windows are on stage; the shortest there is, so that nobody has to wait.
pub const WINDOW: Duration = Duration::from_secs(1);

pub struct Stage {
    pub client: Client,
    daemon: Child,
    /// Of its socket and its state.
    folder: PathBuf,
    data_path: DataPathChoice,
    output: Output,
    colour: bool,
    steps: Vec<Value>,
    differences: u32,
    started: Instant,
}

/// Starts a daemon on a folder: itself, where it listens, and what it said before it was ready.
fn start(folder: &Path, data_path: DataPathChoice) -> Result<(Child, String, Vec<String>), String> {
    let exe = std::env::current_exe().map_err(|e| e.to_string())?;
    let mut daemon = Command::new(exe)
        .args(["up", "--listen", "127.0.0.1:0"])
        .args(["--data-path", data_path.name(), "--flow-log-interval"])
        .arg(WINDOW.as_secs().to_string())
        .arg("--data-dir")
        .arg(folder.join("state"))
        .arg("--socket")
        .arg(folder.join("socket"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("cannot start a daemon: {e}"))?;
    let stdout = daemon.stdout.take().map(BufReader::new);
    let mut said = Vec::new();
    for line in stdout
        .into_iter()
        .flat_map(BufRead::lines)
        .map_while(Result::ok)
    {
        match line
            .strip_prefix("ready ")
            .and_then(|rest| rest.split(' ').next())
        {
            Some(endpoint) => return Ok((daemon, endpoint.to_owned(), said)),
            None => said.push(line),
        }
    }
    let _ = daemon.wait();
    Err("the daemon did not get ready; what it said is above".to_owned())
}

/// What a program in a sandbox did.
pub struct Ran {
    pub status: i32,
    pub stdout: String,
}

impl Ran {
    fn of(done: &std::process::Output) -> Ran {
        Ran {
            status: done.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&done.stdout).into_owned(),
        }
    }
}

impl Stage {
    /// Starts the daemon and waits until it is ready.
    pub fn open(tour: &str, data_path: DataPathChoice, output: Output) -> Result<Stage, String> {
        let started = Instant::now();
        let folder = std::env::temp_dir().join(format!("openvpc-demo-{}", std::process::id()));
        std::fs::create_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let (daemon, endpoint, said) = match start(&folder, data_path) {
            Ok(started) => started,
            Err(message) => {
                let _ = std::fs::remove_dir_all(&folder);
                return Err(message);
            }
        };
        use std::io::IsTerminal;
        let stage = Stage {
            client: Client::new(&endpoint, "us-east-1"),
            daemon,
            folder,
            data_path,
            output,
            colour: std::io::stdout().is_terminal(),
            steps: Vec::new(),
            differences: 0,
            started,
        };
        stage.print(&format!(
            "Tour {tour}: a daemon of its own at {endpoint}, flow-log windows of {WINDOW:?}."
        ));
        for line in said.iter().filter(|line| !line.starts_with("export ")) {
            stage.print(line);
        }
        Ok(stage)
    }

    /// Kills the daemon without a word, and starts one on what it has written down.
    pub fn restart(&mut self) -> Result<(), String> {
        self.command(&format!("kill -9 {}", self.daemon.id()));
        self.daemon.kill().map_err(|e| e.to_string())?;
        self.daemon.wait().map_err(|e| e.to_string())?;
        let (daemon, endpoint, _) = start(&self.folder, self.data_path)?;
        self.daemon = daemon;
        self.client = Client::new(&endpoint, "us-east-1");
        self.say(&format!("ready again, at {endpoint}"));
        Ok(())
    }

    /// Ends the daemon and tells the score.
    pub fn close(mut self, outcome: Result<(), String>) -> Result<ExitCode, String> {
        let pid = nix::unistd::Pid::from_raw(self.daemon.id() as i32);
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let status = self.daemon.wait().map_err(|e| e.to_string())?;
        let _ = std::fs::remove_dir_all(&self.folder);
        if let Err(message) = &outcome {
            self.differs(message);
        }
        if !status.success() {
            self.differs(&format!("the daemon ended badly: {status}"));
        }
        let seconds = self.started.elapsed().as_secs_f32();
        if self.output == Output::Json {
            println!(
                "{:#}",
                json!({"differences": self.differences, "seconds": seconds, "steps": self.steps})
            );
        }
        if self.differences == 0 {
            self.print(&self.paint(
                "32",
                &format!("\nEverything was as AWS documents it ({seconds:.1} s)."),
            ));
            Ok(ExitCode::SUCCESS)
        } else {
            self.print(&self.paint(
                "31",
                &format!("\n{} differences ({seconds:.1} s):", self.differences),
            ));
            for step in &self.steps {
                for entry in step["log"].as_array().into_iter().flatten() {
                    if let Some(difference) = entry["difference"].as_str() {
                        let title = step["title"].as_str().unwrap_or_default();
                        self.print(&format!("  {title}\n    {difference}"));
                    }
                }
            }
            Ok(ExitCode::FAILURE)
        }
    }

    /// Opens a step.
    pub fn step(&mut self, title: &str) {
        self.print(&format!("\n{}", self.paint("1", title)));
        self.steps.push(json!({"title": title, "log": []}));
    }

    /// Prints a line of explanation.
    pub fn say(&mut self, text: &str) {
        self.print(&format!("  {text}"));
        self.note("say", text);
    }

    /// Calls an EC2 action; `shown` is what a user would type after `aws ec2`.
    pub fn ec2(
        &mut self,
        shown: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Xml, String> {
        self.try_ec2(shown, action, parameters)
            .map_err(|refusal| format!("aws ec2 {shown}: {refusal}"))
    }

    fn try_ec2(
        &mut self,
        shown: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Xml, Refusal> {
        self.command(&format!("aws ec2 {shown}"));
        self.client.ec2(action, parameters)
    }

    /// Calls an IAM action; `shown` is what a user would type after `aws iam`.
    pub fn iam(
        &mut self,
        shown: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Xml, String> {
        self.command(&format!("aws iam {shown}"));
        let answer = self.client.iam(action, parameters);
        answer.map_err(|refusal| format!("aws iam {shown}: {refusal}"))
    }

    /// Calls an Elastic Load Balancing action; `shown` is what a user would type after `aws elbv2`.
    pub fn elb(
        &mut self,
        shown: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Xml, String> {
        self.command(&format!("aws elbv2 {shown}"));
        let answer = self.client.elb(action, parameters);
        answer.map_err(|refusal| format!("aws elbv2 {shown}: {refusal}"))
    }

    /// Calls an EC2 action that must be refused with `code`.
    pub fn ec2_refused(
        &mut self,
        shown: &str,
        action: &str,
        parameters: &[(&str, &str)],
        code: &str,
    ) {
        let refused = self
            .try_ec2(shown, action, parameters)
            .err()
            .map(|refusal| refusal.code);
        self.expect(
            &format!("refused: {code}"),
            &refused.as_deref(),
            &Some(code),
        );
    }

    /// Runs a program in an instance.
    pub fn exec(&mut self, instance: &str, command: &[&str]) -> Result<Ran, String> {
        self.sandbox(&["exec", instance], command)
    }

    /// Runs a program in an outside host.
    pub fn outside(&mut self, host: &str, command: &[&str]) -> Result<Ran, String> {
        self.sandbox(&["internet", "exec", host], command)
    }

    /// Runs `openvpc` with these words against the stage's daemon; it must succeed.
    pub fn openvpc(&mut self, words: &[&str]) -> Result<Ran, String> {
        self.command(&format!("openvpc {}", words.join(" ")));
        let done = self.run_openvpc(words)?;
        match done.status.success() {
            true => Ok(Ran::of(&done)),
            false => Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()),
        }
    }

    /// Starts a program in an instance that goes on while the tour does; killed when dropped.
    pub fn background(&mut self, instance: &str, command: &[&str]) -> Result<Background, String> {
        self.start(&["exec", instance], command)
    }

    /// The same in an outside host.
    pub fn background_outside(
        &mut self,
        host: &str,
        command: &[&str],
    ) -> Result<Background, String> {
        self.start(&["internet", "exec", host], command)
    }

    /// The same in an instance, with its standard input open.
    pub fn conversation(&mut self, instance: &str, command: &[&str]) -> Result<Background, String> {
        let mut prepared = self.sandbox_command(&["exec", instance], command)?;
        let child = prepared.stdin(Stdio::piped()).spawn();
        Ok(Background(child.map_err(|e| e.to_string())?))
    }

    fn start(&mut self, verb: &[&str], command: &[&str]) -> Result<Background, String> {
        let child = self.sandbox_command(verb, command)?.spawn();
        Ok(Background(child.map_err(|e| e.to_string())?))
    }

    /// Runs a program in a host of either kind: an instance by its id, or one of the internet by its name.
    pub fn run_in(&mut self, host: &str, command: &[&str]) -> Result<Ran, String> {
        match host.starts_with("i-") {
            true => self.exec(host, command),
            false => self.outside(host, command),
        }
    }

    /// Loses an availability zone, by its id, or restores it.
    pub fn fault_zone(&mut self, zone: &str, state: &str) -> Result<(), String> {
        self.openvpc(&["fault", "zone", zone, state]).map(drop)
    }

    /// Runs a program in an instance without a word: for waiting.
    pub fn probe(&self, instance: &str, command: &[&str]) -> Result<Ran, String> {
        let done = self
            .prepare(&["exec", instance], command)?
            .output()
            .map_err(|e| e.to_string())?;
        Ok(Ran::of(&done))
    }

    /// Runs a program in an outside host without a word: for waiting.
    pub fn probe_outside(&self, host: &str, command: &[&str]) -> Result<Ran, String> {
        let done = self.prepare(&["internet", "exec", host], command)?.output();
        Ok(Ran::of(&done.map_err(|e| e.to_string())?))
    }

    fn sandbox(&mut self, verb: &[&str], command: &[&str]) -> Result<Ran, String> {
        let done = self
            .sandbox_command(verb, command)?
            .output()
            .map_err(|e| e.to_string())?;
        let stderr = String::from_utf8_lossy(&done.stderr);
        if !stderr.trim().is_empty() {
            self.say(stderr.trim());
        }
        Ok(Ran::of(&done))
    }

    fn sandbox_command(&mut self, verb: &[&str], command: &[&str]) -> Result<Command, String> {
        self.wait_applied()?;
        self.command(&format!(
            "openvpc {} -- {}",
            verb.join(" "),
            command.join(" ")
        ));
        self.prepare(verb, command)
    }

    /// What a step shows is the packets of what it has set up, however busy the machine is.
    fn wait_applied(&self) -> Result<(), String> {
        match self.run_openvpc(&["wait-applied"])?.status.success() {
            true => Ok(()),
            false => Err("the data path does not follow".to_owned()),
        }
    }

    /// Waits until flow logs have delivered what was seen so far.
    pub fn wait_delivered(&self) -> Result<(), String> {
        match self.run_openvpc(&["wait-delivered"])?.status.success() {
            true => Ok(()),
            false => Err("flow logs deliver nothing".to_owned()),
        }
    }

    fn run_openvpc(&self, words: &[&str]) -> Result<std::process::Output, String> {
        let exe = std::env::current_exe().map_err(|e| e.to_string())?;
        let mut command = Command::new(exe);
        let command = command.args(words).stdin(Stdio::null());
        let ran = command.env("OPENVPC_SOCKET", self.folder.join("socket"));
        ran.output().map_err(|e| e.to_string())
    }

    fn prepare(&self, verb: &[&str], command: &[&str]) -> Result<Command, String> {
        let exe = std::env::current_exe().map_err(|e| e.to_string())?;
        let mut prepared = Command::new(exe);
        prepared.args(verb).arg("--").args(command);
        prepared.env("OPENVPC_SOCKET", self.folder.join("socket"));
        prepared
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Ok(prepared)
    }

    /// Compares; a difference is printed and fails the tour.
    pub fn expect<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, got: &T, wanted: &T) {
        if got == wanted {
            self.print(&format!("  {} {what}", self.paint("32", "✓")));
            self.note("ok", what);
        } else {
            self.differs(&format!("{what}: wanted {wanted:?}, got {got:?}"));
        }
    }

    /// Notes a difference.
    pub fn differs(&mut self, what: &str) {
        self.differences += 1;
        self.print(&format!("  {} {what}", self.paint("31", "✗")));
        self.note("difference", what);
    }

    fn command(&mut self, command: &str) {
        self.print(&format!("  {}", self.paint("36", &format!("$ {command}"))));
        self.note("command", command);
    }

    fn note(&mut self, kind: &str, text: &str) {
        if let Some(log) = self
            .steps
            .last_mut()
            .and_then(|step| step["log"].as_array_mut())
        {
            log.push(json!({ kind: text }));
        }
    }

    fn print(&self, text: &str) {
        if self.output == Output::Text {
            println!("{text}");
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// A program that goes on in a sandbox.
pub struct Background(Child);

impl Background {
    /// Waits for the first line it writes, and ends it.
    pub fn first_line(mut self) -> Result<String, String> {
        let mut line = String::new();
        if let Some(stdout) = self.0.stdout.take() {
            let read = BufReader::new(stdout).read_line(&mut line);
            read.map_err(|e| e.to_string())?;
        }
        Ok(line.trim().to_owned())
    }

    /// Waits for the next line it writes.
    pub fn next_line(&mut self) -> Result<String, String> {
        let mut line = Vec::new();
        if let Some(stdout) = self.0.stdout.as_mut() {
            let mut byte = [0];
            // One by one: what comes after it is somebody else's to read.
            while stdout.read(&mut byte).map_err(|e| e.to_string())? == 1 && byte != *b"\n" {
                line.extend(byte);
            }
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    /// Says a line to it.
    pub fn say(&mut self, line: &str) -> Result<(), String> {
        let stdin = self.0.stdin.as_mut().ok_or("it does not listen")?;
        writeln!(stdin, "{line}").map_err(|e| e.to_string())
    }

    /// Says something to it, if it listens, and waits for its end.
    pub fn finish(mut self, last: &str) -> Result<Ran, String> {
        let fault = |e: std::io::Error| e.to_string();
        if let Some(mut stdin) = self.0.stdin.take() {
            stdin.write_all(last.as_bytes()).map_err(fault)?;
        }
        let mut said = String::new();
        if let Some(mut stdout) = self.0.stdout.take() {
            stdout.read_to_string(&mut said).map_err(fault)?;
        }
        let status = self.0.wait().map_err(fault)?;
        Ok(Ran {
            status: status.code().unwrap_or(-1),
            stdout: said,
        })
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
