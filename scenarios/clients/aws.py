"""The stock AWS CLI, imported once and forked for every command, for its start takes most of a second.

aws.py serve NAME            serves at the abstract socket NAME until standard input ends
aws.py run NAME WORD…        runs `aws WORD…` there, with this process's environment, folder and standard streams
"""

import gc
import json
import os
import select
import signal
import socket
import struct
import sys


def run(name, words):
    request = json.dumps([words, dict(os.environ), os.getcwd()]).encode()
    with socket.socket(socket.AF_UNIX) as server:
        server.connect("\0" + name)
        socket.send_fds(server, [struct.pack("I", len(request))], [0, 1, 2])
        server.sendall(request)
        status = server.recv(1)
    return status[0] if status else 255


def exactly(client, length):
    data = b""
    while len(data) < length:
        more = client.recv(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def serve(name):
    import awscli.clidriver

    # Of a command's own work only the reading of the models is done beforehand.
    session = awscli.clidriver.create_clidriver().session
    loader = session.get_component("data_loader")
    for service in ["ec2", "elbv2", "iam", "logs", "s3", "sts"]:
        session.get_service_model(service)
        loader.load_service_model(service, "endpoint-rule-set-1")

    # Or each fork would copy all of it, for the collector writes to what it looks at.
    gc.collect()
    gc.freeze()

    def command(client):
        header, descriptors, _, _ = socket.recv_fds(client, 4, 3)
        words, environment, folder = json.loads(exactly(client, *struct.unpack("I", header)))
        child = os.fork()
        if child == 0:
            client.close()
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
                os.close(descriptor)
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(environment)
            sys.argv = ["aws", *words]
            driver = awscli.clidriver.create_clidriver()
            driver.session.register_component("data_loader", loader)
            try:
                status = driver.main()
            except SystemExit as end:
                status = end.code
            sys.stdout.flush()
            sys.stderr.flush()
            # A fork has nothing to take down.
            os._exit(status or 0)
        # Whoever gives up ends the command too.
        ended = os.pidfd_open(child)
        if client in select.select([ended, client], [], [])[0]:
            os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        client.send(bytes([status if status >= 0 else 128 - status]))

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0" + name)
        listener.listen(64)
        print("ready", flush=True)
        while sys.stdin not in select.select([sys.stdin, listener], [], [])[0]:
            client, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                command(client)
                os._exit(0)
            client.close()


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        sys.exit(run(sys.argv[2], sys.argv[3:]))
