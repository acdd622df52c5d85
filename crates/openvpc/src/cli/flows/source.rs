//! Where flow records come from: the daemon's memory of the last minutes, or what was recorded.

use std::fmt::Display;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use clap::Args;
use openvpc_flowlog::{Field, Format};
use openvpc_flows::{Columns, Filter, Recorded, Row};

use serde_json::{Value, json};

use super::parse_seconds;
use crate::cli::DaemonArgs;
use crate::client::{Client, Refusal};
use crate::daemon::control_socket::{Answer, Connection, FlowsRequest, Request, call};

/// Files looked at below a folder or a prefix.
const FILES_MAX: usize = 100_000;
/// Files read at once, at most: more threads than that wait for the disk.
const THREADS_MAX: usize = 8;
/// Records that are handed over at once, and how often that may be done before they are taken: about 1 MB.
const PORTION_ROWS: usize = 1_000;
const PORTIONS_AHEAD_MAX: usize = 4;
/// Bad lines that are told one by one.
const TOLD_MAX: u64 = 5;

#[derive(Args)]
#[command(next_help_heading = "Where from")]
pub struct SourceArgs {
    /// Recorded flow logs: a file or folder (text, gzip, Parquet or JSON lines), s3://BUCKET/PREFIX, or a log group. Without it,
    /// the daemon's memory of the last minutes. A file that cannot be read to its end is told: what it gave counts, the
    /// others are read, and the exit status is 1.
    #[arg(long, value_name = "SOURCE")]
    from: Option<String>,
    /// The fields of recorded logs that have no header, as the flow log's format has them: '${srcaddr} ${dstaddr} …'
    /// [default: those of version 2].
    #[arg(long, value_name = "FORMAT", requires = "from")]
    format: Option<Format>,
    /// How far back to go in the daemon's memory: 90s, 10m, 2h.
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, default_value = "10m")]
    last: u32,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// What went wrong, and was told, without keeping the rest from being read.
#[derive(Debug, Default, Clone, Copy)]
struct Told {
    /// Lines that are no records.
    bad: u64,
    /// A file that could not be read to its end.
    cut: bool,
}

impl Told {
    fn cut(&mut self, name: &str, why: &dyn Display) {
        eprintln!("openvpc: {name}: {why}");
        self.cut = true;
    }

    fn merge(&mut self, other: Told) {
        self.bad += other.bad;
        self.cut |= other.cut;
    }

    /// How a command ends that has read all there was to read.
    fn end(self) -> ExitCode {
        if self.bad > TOLD_MAX {
            eprintln!("openvpc: {} lines are no records", self.bad);
        }
        match self.cut {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        }
    }
}

impl SourceArgs {
    pub fn socket(&self) -> PathBuf {
        self.daemon.socket()
    }

    /// Gives every wanted record to `take`, until it says no. How the command is to end.
    ///
    /// # Errors
    /// A sentence, if the source as a whole cannot be read.
    pub fn each(
        &self,
        filter: &Filter,
        mut take: impl FnMut(&Row) -> Result<(), String>,
    ) -> Result<ExitCode, String> {
        let mut told = Told::default();
        match &self.from {
            None => self.read_daemon(filter, &mut |row| take(&row))?,
            Some(from) => {
                let columns = self.format.as_ref().map(Columns::of);
                let client = client(&self.daemon.socket());
                recorded(from, columns, &client, &mut told, &mut |row| {
                    if filter.keeps(row) { take(row) } else { Ok(()) }
                })?;
            }
        }
        Ok(told.end())
    }

    /// The same where records may be taken in any order: several files are read at once, each thread adding up its own
    /// part, which `merge` is given in the end. Only these fields are read, unless the filter asks for others.
    ///
    /// # Errors
    /// As [`SourceArgs::each`].
    pub fn in_parts<T: Send>(
        &self,
        filter: &Filter,
        fields: &'static [Field],
        make: impl Fn() -> T + Sync,
        take: impl Fn(&mut T, &Row) + Sync,
        mut merge: impl FnMut(T),
    ) -> Result<ExitCode, String> {
        let client = client(&self.daemon.socket());
        let from = self.from.as_deref();
        let inputs = from.map(|from| inputs(from, &client)).transpose()?;
        let Some(inputs) = inputs.flatten() else {
            let mut whole = make();
            let end = self.each(filter, |row| {
                take(&mut whole, row);
                Ok(())
            })?;
            merge(whole);
            return Ok(end);
        };
        let columns = self.format.as_ref().map(Columns::of).unwrap_or_default();
        let fields = (*filter == Filter::default()).then_some(fields);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let next = AtomicUsize::new(0);
        let part = || -> Result<(T, Told), String> {
            let (mut part, mut told) = (make(), Told::default());
            while let Some(input) = inputs.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut take = |row: &mut Row| {
                    if filter.keeps(row) {
                        take(&mut part, row);
                    }
                    Ok(())
                };
                input.read(&columns, fields, &client, &mut told, &mut take)?;
            }
            Ok((part, told))
        };
        let parts = std::thread::scope(|scope| {
            let threads = threads.min(THREADS_MAX).min(inputs.len().max(1));
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(part)).collect();
            let joined = running.into_iter().map(|thread| thread.join());
            joined.collect::<Vec<_>>()
        });
        let mut told = Told::default();
        for part in parts {
            let (part, of_part) = part.map_err(|_| "reading broke".to_owned())??;
            merge(part);
            told.merge(of_part);
        }
        Ok(told.end())
    }

    fn read_daemon(
        &self,
        filter: &Filter,
        take: &mut dyn FnMut(Row) -> Result<(), String>,
    ) -> Result<(), String> {
        let request = FlowsRequest {
            filter: filter.clone(),
            last_secs: self.last,
            follow: false,
        };
        ask(&self.daemon.socket(), request, |lost, rows| {
            if lost > 0 {
                eprintln!("openvpc: {lost} records went by unread");
            }
            rows.into_iter().try_for_each(&mut *take)
        })
    }
}

/// A client of the endpoint that the environment names, or else of the daemon.
pub fn client(socket: &Path) -> Client {
    let status = call(socket, &Request::Status).unwrap_or_default();
    Client::of_environment(
        status["endpoint"]
            .as_str()
            .unwrap_or("http://127.0.0.1:4566"),
    )
}

/// Asks the daemon for records; `take` is given each portion, and how many went by before it.
pub fn ask(
    socket: &Path,
    request: FlowsRequest,
    mut take: impl FnMut(u64, Vec<Row>) -> Result<(), String>,
) -> Result<(), String> {
    let connection = Connection::open(socket)?;
    connection.ask(&Request::Flows(request), &[])?;
    loop {
        match connection.receive::<Answer>()? {
            Some((Answer::Flows { lost, rows }, _)) => take(lost, rows)?,
            Some((Answer::Done(_), _)) => return Ok(()),
            Some((Answer::Refused { reason }, _)) => return Err(reason),
            Some((other, _)) => return Err(format!("the daemon answered out of turn: {other:?}")),
            None => return Err("the daemon is gone".to_owned()),
        }
    }
}

/// Reads recorded flow logs: files, folders, objects or log groups.
fn recorded(
    from: &str,
    columns: Option<Columns>,
    client: &Client,
    told: &mut Told,
    take: &mut dyn FnMut(&Row) -> Result<(), String>,
) -> Result<(), String> {
    let Some(inputs) = inputs(from, client)? else {
        return log_group(from, columns, client, told, &mut |row| take(row));
    };
    let columns = columns.unwrap_or_default();
    let (sender, portions) = mpsc::sync_channel(PORTIONS_AHEAD_MAX);
    let (giver, given_back) = mpsc::channel();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| read_ahead(&inputs, &columns, client, sender, given_back));
        // By value: who reads ahead ends when nobody takes any more.
        let taken: Result<(), String> =
            portions.into_iter().try_for_each(|(rows, len): Portion| {
                rows[..len].iter().try_for_each(&mut *take)?;
                // Who has read all wants none back.
                let _ = giver.send(rows);
                Ok(())
            });
        let read = reader.join().map_err(|_| "reading broke".to_owned())?;
        taken?;
        *told = read?;
        Ok(())
    })
}

/// Rows, and how many of them are filled.
type Portion = (Vec<Row>, usize);

/// Reads files one after the other, by a thread of its own, while others take what has been read. Rows come back to be filled
/// again: a new one for each record would cost more than reading it.
fn read_ahead(
    inputs: &[Input],
    columns: &Columns,
    client: &Client,
    sender: mpsc::SyncSender<Portion>,
    given_back: mpsc::Receiver<Vec<Row>>,
) -> Result<Told, String> {
    let new = || vec![Row::default(); PORTION_ROWS];
    let (mut rows, mut len, mut told) = (new(), 0, Told::default());
    let mut take = |row: &mut Row| {
        std::mem::swap(row, &mut rows[len]);
        len += 1;
        if len < PORTION_ROWS {
            return Ok(());
        }
        let next = given_back.try_recv().unwrap_or_else(|_| new());
        let full = (std::mem::replace(&mut rows, next), std::mem::take(&mut len));
        sender.send(full).map_err(|_| "nobody takes it".to_owned())
    };
    let mut files = inputs.iter();
    let read = files.try_for_each(|input| input.read(columns, None, client, &mut told, &mut take));
    // What was read before it broke is taken.
    let _ = sender.send((rows, len));
    read.map(|()| told)
}

/// One recorded file.
enum Input {
    File(PathBuf),
    Object { bucket: String, key: String },
}

/// The files below a folder, or the objects below `s3://bucket/prefix`, in the order of their names, which is that of their
/// times; nothing where `from` is neither.
fn inputs(from: &str, client: &Client) -> Result<Option<Vec<Input>>, String> {
    let Some(place) = from.strip_prefix("s3://") else {
        let path = Path::new(from);
        let found = path.exists().then(|| files(path)).transpose()?;
        return Ok(found.map(|files| files.into_iter().map(Input::File).collect()));
    };
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    let keys = client.s3_keys(bucket, prefix, FILES_MAX);
    let keys = keys.map_err(|refusal| format!("s3://{place}: {refusal}"))?;
    let object = |key| Input::Object {
        bucket: bucket.to_owned(),
        key,
    };
    Ok(Some(keys.into_iter().map(object).collect()))
}

impl Input {
    fn read(
        &self,
        columns: &Columns,
        fields: Option<&'static [Field]>,
        client: &Client,
        told: &mut Told,
        take: &mut dyn FnMut(&mut Row) -> Result<(), String>,
    ) -> Result<(), String> {
        match self {
            Input::File(path) => {
                let name = path.display().to_string();
                match File::open(path) {
                    Ok(file) => read(&name, file, columns, fields, told, take)?,
                    Err(error) => told.cut(&name, &error),
                }
            }
            Input::Object { bucket, key } => {
                let name = format!("s3://{bucket}/{key}");
                match client.s3_object(bucket, key) {
                    Ok(object) => read(&name, object, columns, fields, told, take)?,
                    Err(refusal) => told.cut(&name, &refusal),
                }
            }
        }
        Ok(())
    }
}

/// All events of a log group. Its fields are those of the flow logs that deliver there, unless they are said.
fn log_group(
    name: &str,
    columns: Option<Columns>,
    client: &Client,
    told: &mut Told,
    take: &mut dyn FnMut(&mut Row) -> Result<(), String>,
) -> Result<(), String> {
    let refused = |refusal: Refusal| {
        format!("{name} is neither a file nor a folder, and as a log group: {refusal}")
    };
    let mut token = Value::Null;
    let mut columns = columns;
    loop {
        let mut input = json!({ "logGroupName": name });
        if !token.is_null() {
            input["nextToken"] = token;
        }
        let page = client.logs("FilterLogEvents", &input).map_err(refused)?;
        let columns = match &mut columns {
            Some(columns) => columns,
            unknown => unknown.insert(format_of(name, client)?),
        };
        let events = page["events"].as_array().into_iter().flatten();
        let lines: Vec<&str> = events.filter_map(|e| e["message"].as_str()).collect();
        read(name, lines.join("\n").as_bytes(), columns, None, told, take)?;
        token = page["nextToken"].clone();
        if token.is_null() {
            return Ok(());
        }
    }
}

/// The fields of what flow logs deliver to a log group: the default ones if none does now.
fn format_of(log_group: &str, client: &Client) -> Result<Columns, String> {
    let filter = [
        ("Filter.1.Name", "log-group-name"),
        ("Filter.1.Value.1", log_group),
    ];
    let found = client
        .ec2("DescribeFlowLogs", &filter)
        .map_err(|e| e.to_string())?;
    let mut formats: Vec<String> = found
        .items("flowLogSet")
        .iter()
        .map(|flow_log| flow_log.text("logFormat"))
        .collect();
    formats.sort();
    formats.dedup();
    match formats.as_slice() {
        [] => Ok(Columns::default()),
        [format] => {
            let format: Format = format.parse().map_err(|e| format!("{log_group}: {e}"))?;
            Ok(Columns::of(&format))
        }
        _ => Err(format!(
            "flow logs of different formats deliver to {log_group}: name one with --format"
        )),
    }
}

/// Reads one file to its end, or as far as it can be read; what is wrong with it is told.
fn read(
    name: &str,
    input: impl std::io::Read,
    columns: &Columns,
    fields: Option<&'static [Field]>,
    told: &mut Told,
    take: &mut dyn FnMut(&mut Row) -> Result<(), String>,
) -> Result<(), String> {
    let mut recorded = match Recorded::open(input, columns.clone()) {
        Ok(recorded) => recorded,
        Err(error) => {
            told.cut(name, &error);
            return Ok(());
        }
    };
    if let Some(fields) = fields {
        recorded = recorded.only(fields);
    }
    let mut row = Row::default();
    while let Some(outcome) = recorded.read(&mut row) {
        match outcome {
            Ok(()) => take(&mut row)?,
            Err(error) if error.is_final() => told.cut(name, &error),
            Err(error) => {
                told.bad += 1;
                if told.bad <= TOLD_MAX {
                    eprintln!("openvpc: {name}: {error}");
                }
            }
        }
    }
    Ok(())
}

/// The file itself, or all files below a folder, in the order of their names, which is that of their times.
fn files(from: &Path) -> Result<Vec<PathBuf>, String> {
    let told = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    if !from.is_dir() {
        return Ok(vec![from.to_owned()]);
    }
    let (mut found, mut folders) = (Vec::new(), vec![from.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| told(&folder, e))? {
            let entry = entry.map_err(|e| told(&folder, e))?;
            // Links are not followed: a circle of them would have no end.
            match entry.file_type().map_err(|e| told(&entry.path(), e))? {
                kind if kind.is_dir() => folders.push(entry.path()),
                kind if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
            if found.len() > FILES_MAX {
                return Err(format!(
                    "more than {FILES_MAX} files below {}",
                    from.display()
                ));
            }
        }
    }
    found.sort();
    Ok(found)
}
