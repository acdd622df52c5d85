//! What begins outside.

use super::{BOB, IN, INTERNET, NC, PACKET, Place, TCP, Tour, WEB, echoes, flow, with_flags};

pub fn knocks(tour: &mut Tour) -> Result<(), String> {
    let p = tour.topology.p.clone();
    tour.stage.step("3. Bob pings p and knocks at its ports: silence, although every rule is open, and no record");
    let ran = tour
        .stage
        .outside("bob", &["ping", "-c", "1", "-W", "1", &p.address])?;
    tour.stage.expect("no reply", &ran.status, &1);
    for port in ["22", "80", "443"] {
        let ran = tour
            .stage
            .outside("bob", &[NC, "-z", "-w", "1", &p.address, port])?;
        let what = format!("port {port}: no connection");
        tour.stage.expect(&what, &ran.status, &1);
    }
    tour.outside("bob", &[PACKET, "udp", "9000", &p.address, "53"])?;
    tour.records(&[])
}

pub fn strays(tour: &mut Tour) -> Result<(), String> {
    let p = tour.topology.p.clone();
    tour.stage
        .step("4. Bob sends what belongs to no connection, as if it did: no record either");
    for flags in ["A", "R", "SA", "FA"] {
        tour.outside("bob", &[PACKET, "tcp", flags, "80", &p.address, "40000"])?;
    }
    tour.records(&[])
}

pub fn beside_an_open_connection(tour: &mut Tour) -> Result<(), String> {
    let p = tour.topology.p.clone();
    tour.stage
        .step("5. p keeps a connection to Web:80; from there Web tries p's other ports");
    let connection = tour.stage.conversation(&p.instance, &[NC, WEB, "80"])?;
    // The far port and the state "established" (Linux: proc_net_tcp).
    let line = tour.wait_for_socket(Place::Instance(&p.instance), "tcp6", ":0050 01 ")?;
    let port = local_port(&line).ok_or_else(|| format!("no port in {line:?}"))?;
    for (flags, to) in [("S", "22"), ("S", "80"), ("A", "22")] {
        tour.outside("web", &[PACKET, "tcp", flags, "80", &p.address, to])?;
    }
    // Nor does the open port take somebody else in.
    let open = port.to_string();
    tour.outside("bob", &[PACKET, "tcp", "A", "80", &p.address, &open])?;
    let answer = connection.finish("GET / HTTP/1.0\r\n\r\n")?;
    tour.stage.expect(
        "the open one lives, and Web answers",
        &answer.stdout.lines().last().unwrap_or_default().to_owned(),
        &p.address,
    );
    let ports = (Some(port), Some(80));
    tour.records(&[
        with_flags(flow(&p, WEB, INTERNET, TCP, ports), 3),
        with_flags(flow(&p, WEB, IN, TCP, ports), 19),
    ])
}

/// The port of the local address, second word of a line of the kernel's table of sockets.
fn local_port(line: &str) -> Option<u16> {
    let (_, port) = line.split_whitespace().nth(1)?.rsplit_once(':')?;
    u16::from_str_radix(port, 16).ok()
}

pub fn by_the_internet_gateway(tour: &mut Tour) -> Result<(), String> {
    let q = tour.topology.q.clone();
    tour.stage
        .step("7. Bob does the same to q, behind the internet gateway: answered");
    let listener = tour
        .stage
        .background(&q.instance, &[NC, "-l", "-k", "80"])?;
    tour.wait_for_socket(Place::Instance(&q.instance), "tcp6", ":0050 ")?;
    let command = ["ping", "-c", "4", "-i", "0.1", "-W", "1", &q.address];
    let ran = tour.stage.outside("bob", &command)?;
    tour.stage
        .expect("4 replies", &ran.stdout.matches("bytes from").count(), &4);
    let ran = tour
        .stage
        .outside("bob", &[NC, "-z", "-w", "1", &q.address, "80"])?;
    tour.stage.expect("port 80: it connects", &ran.status, &0);
    let ports = (Some(80), None);
    tour.records(&[
        echoes(&q, BOB, IN, "ACCEPT"),
        echoes(&q, BOB, INTERNET, "ACCEPT"),
        with_flags(flow(&q, BOB, IN, TCP, ports), 3),
        with_flags(flow(&q, BOB, INTERNET, TCP, ports), 19),
    ])?;
    drop(listener);
    Ok(())
}
