//! The `ebpf` data path: the kernel forwards what the engine has decided, counts as the engine does, and goes on deciding
//! nothing (docs/fast-path.md).
//!
//! Needs root and a kernel with tcx; without root each test says so and does nothing.

use crate::support::{DEFAULT_FORMAT, Options, User, eventually, records, stdout_of};

/// A user of a daemon on this path; none without root.
fn user() -> Option<User> {
    if !nix::unistd::geteuid().is_root() {
        println!("left out: needs root");
        return None;
    }
    Some(User::of_daemon_with(Options {
        arguments: vec!["--data-path".into(), "ebpf".into()],
        ..Options::default()
    }))
}

impl User {
    /// The sum of a metric over the series whose labels have all of these.
    fn metric(&self, name: &str, labels: &[&str]) -> u64 {
        let page = self.get("/_openvpc/metrics");
        let series = page.lines().filter(|line| {
            let rest = line.strip_prefix(name);
            let is_it = rest.is_some_and(|rest| rest.starts_with(['{', ' ']));
            is_it && labels.iter().all(|label| line.contains(label))
        });
        let values = series.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
        values.sum()
    }

    fn by_kernel(&self) -> u64 {
        self.metric("openvpc_fast_path_packets_total", &[])
    }

    /// Packets and bytes that an instance has sent and that were accepted.
    fn sent(&self, instance: &str) -> [u64; 2] {
        let eni = self.text(
            &format!("ec2 describe-instances --instance-ids {instance}"),
            "/Reservations/0/Instances/0/NetworkInterfaces/0/NetworkInterfaceId",
        );
        let interface = format!("interface=\"{eni}\"");
        let labels = [
            interface.as_str(),
            "direction=\"egress\"",
            "class=\"accept\"",
        ];
        ["packets", "bytes"].map(|what| {
            let name = format!("openvpc_interface_{what}_total");
            self.metric(&name, &labels)
        })
    }
}

#[test]
fn the_kernel_forwards_and_counts_what_the_engine_has_decided() {
    let Some(user) = user() else {
        return;
    };
    assert!(
        user.daemon
            .said
            .iter()
            .any(|line| line.starts_with("data path: ebpf"))
    );
    let network = user.network();
    let [near, far] = [0, 1].map(|number| {
        user.launch(&format!(
            "--subnet-id {} --security-group-ids {} --associate-public-ip-address",
            network.subnets[number], network.group
        ))
    });
    let address = user.text(
        &format!("ec2 describe-instances --instance-ids {far}"),
        "/Reservations/0/Instances/0/PrivateIpAddress",
    );
    user.soon(&near, &format!("ping -c 1 -W 1 {address}"));

    let ([packets, bytes], by_kernel) = (user.sent(&near), user.by_kernel());
    user.ok(&near, &format!("ping -c 50 -i 0.02 {address}"));
    assert_eq!(user.sent(&near), [packets + 50, bytes + 50 * 84]);
    let pings = user.by_kernel() - by_kernel;
    assert!((90..=100).contains(&pings), "{pings} of 100 packets");

    // A connection between the two, each in its own subnet.
    user.ok(&far, "(setsid openvpc-web > /dev/null 2>&1 &)");
    let by_kernel = user.by_kernel();
    let echoed = user.ok(
        &near,
        &format!("sleep 0.2; head -c 3000000 /dev/zero | nc {address} 7 | wc -c"),
    );
    assert_eq!(echoed.trim(), "3000000");
    let between = user.by_kernel() - by_kernel;
    assert!(between > 300, "{between} packets");

    // A stream in large frames through the internet gateway, which translates.
    // On a busy machine the engine may be late to hand one over.
    eventually("the kernel forwards most of a stream", || {
        let by_kernel = user.by_kernel();
        let echoed = user.ok(
            &near,
            "head -c 3000000 /dev/zero | nc 198.51.100.80 7 | wc -c",
        );
        assert_eq!(echoed.trim(), "3000000");
        (user.by_kernel() - by_kernel > 3_000).then_some(())
    });
}

/// Short connections between two subnets of which each is told of, with nobody woken; the flow log has all of them.
#[test]
fn connections_that_begin_in_the_kernel_are_all_in_the_flow_log() {
    const CALLS: u64 = 60;
    let Some(user) = user() else {
        return;
    };
    let network = user.network();
    let [near, far] = [0, 1].map(|number| {
        user.launch(&format!(
            "--subnet-id {} --security-group-ids {}",
            network.subnets[number], network.group
        ))
    });
    let described = |instance: &str, field: &str| {
        user.text(
            &format!("ec2 describe-instances --instance-ids {instance}"),
            &format!("/Reservations/0/Instances/0/{field}"),
        )
    };
    let address = described(&far, "PrivateIpAddress");
    let eni = described(&near, "NetworkInterfaces/0/NetworkInterfaceId");
    user.log_interface(&eni, "short", DEFAULT_FORMAT);
    user.ok(&far, "(setsid openvpc-web > /dev/null 2>&1 &)");
    user.soon(&near, &format!("echo x | nc {address} 7"));
    let admitted = user.metric("openvpc_fast_path_admitted_total", &[]);
    let calls = format!("for n in $(seq {CALLS}); do echo $n | nc {address} 7; done | wc -l");
    assert_eq!(user.ok(&near, &calls).trim(), CALLS.to_string());
    let admitted = user.metric("openvpc_fast_path_admitted_total", &[]) - admitted;
    assert!(admitted >= CALLS - 10, "{admitted} of {CALLS} connections");

    let waited = user.daemon.openvpc(&["wait-delivered"]).output().unwrap();
    stdout_of(&waited);
    let lines = records(&user.daemon, "short", DEFAULT_FORMAT);
    let of_service = |line: &&String| {
        let fields: Vec<&str> = line.split(' ').collect();
        line.contains(" ACCEPT ") && (fields[5] == "7" || fields[6] == "7")
    };
    // One each way, a record a connection, and none shows less than its handshake, its word and its end.
    let found: Vec<u64> = lines
        .iter()
        .filter(of_service)
        .map(|line| line.split(' ').nth(8).unwrap().parse().unwrap())
        .collect();
    assert!(found.len() as u64 >= 2 * CALLS, "{} records", found.len());
    assert!(found.iter().all(|packets| *packets >= 3), "{lines:#?}");
    let disagreed = user.metric("openvpc_fast_path_disagreed_total", &[]);
    assert_eq!(disagreed, 0);
    // A rule that goes ends what it let begin, at once.
    user.aws(&format!(
        "ec2 revoke-security-group-ingress --group-id {} --protocol -1 --cidr 0.0.0.0/0",
        network.group
    ));
    let refused = user.ok(
        &near,
        &format!("echo x | nc -w 1 {address} 7 || echo refused"),
    );
    assert_eq!(refused.trim(), "refused");
}

#[test]
fn a_change_is_enforced_on_flows_that_the_kernel_forwards() {
    let Some(user) = user() else {
        return;
    };
    let network = user.network();
    let [near, far] = [0, 1].map(|number| {
        user.launch(&format!(
            "--subnet-id {} --security-group-ids {}",
            network.subnets[number], network.group
        ))
    });
    let address = user.text(
        &format!("ec2 describe-instances --instance-ids {far}"),
        "/Reservations/0/Instances/0/PrivateIpAddress",
    );
    user.soon(&near, &format!("ping -c 1 -W 1 {address}"));
    user.ok(
        &near,
        &format!("(ping -i 0.02 {address} > /tmp/pings 2>&1 &)"),
    );
    let answers = || -> u32 {
        let line = "grep -c 'bytes from' /tmp/pings || true";
        user.ok(&near, line).trim().parse().unwrap()
    };
    eventually("the kernel forwards the pings", || {
        (user.by_kernel() > 100).then_some(())
    });
    // A tracked flow outlives its rule (SG-6) …
    user.aws(&format!(
        "ec2 revoke-security-group-ingress --group-id {} --protocol -1 --cidr 0.0.0.0/0",
        network.group
    ));
    let (before, by_kernel) = (answers(), user.by_kernel());
    eventually("they go on", || (answers() > before + 50).then_some(()));
    assert!(user.by_kernel() > by_kernel + 50, "by the kernel again");
    // … and no flow an entry of the network ACL.
    let acl = user.text(
        &format!(
            "ec2 describe-network-acls --filters Name=vpc-id,Values={}",
            network.vpc
        ),
        "/NetworkAcls/0/NetworkAclId",
    );
    user.aws(&format!(
        "ec2 create-network-acl-entry --network-acl-id {acl} --rule-number 1 --protocol -1 --rule-action deny --ingress --cidr-block 0.0.0.0/0"
    ));
    let stopped = answers();
    std::thread::sleep(std::time::Duration::from_secs(1));
    let after = answers();
    assert!(
        after <= stopped + 5,
        "{} came after the entry",
        after - stopped
    );
}
