"""`fahuo doctor`: what is wrong with this installation, and how to mend it."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime

import click

from fahuo.cli.doctor_running import address_of, web_finding, work_finding
from fahuo.cli.findings import Finding, State
from fahuo.cli.language import language, say
from fahuo.rules.problems import Refusal

ROOM_WARN, ROOM_FAIL = 2 * 2**30, 200 * 2**20
TICK_WARN = 60
"""Seconds without a round of any clock after which something is wrong."""
SKEW_WARN = 5


def settings_findings() -> list[Finding]:
    """Whether every variable makes sense; each that does not is one failure."""
    try:
        from fahuo import settings
    except Refusal as refusal:
        return [Finding("settings", "fail", found.sentence(language())) for found in refusal.problems]
    odd = settings.unknown(os.environ)
    if odd:
        mend = say(
            "看看是不是拼错了；全部变量见 docs/operate.md",
            "Look for a typing error; docs/operate.md lists all variables",
        )
        return [
            Finding(
                "settings", "warn", say(f"不认识的变量：{', '.join(odd)}", f"unknown variables: {', '.join(odd)}"), mend
            )
        ]
    return [Finding("settings", "ok", say("都有意义", "all make sense"))]


def secret_finding() -> Finding:
    from fahuo import settings

    file = settings.DATA / "secret-key"
    if settings.weak(settings.SECRET_KEY):
        mend = say(
            "把 FAHUO_SECRET_KEY 换成至少 32 个随机字符，或留空",
            "Give FAHUO_SECRET_KEY 32 random characters or more, or leave it empty",
        )
        return Finding("secret", "warn" if settings.DEMO else "fail", say("密钥太弱", "the secret key is weak"), mend)
    if file.exists() and file.stat().st_mode & 0o077:
        return Finding(
            "secret",
            "fail",
            say("别的用户能读密钥文件", "others can read the file of the secret key"),
            f"chmod 600 {file}",
        )
    return Finding("secret", "ok", say("够强", "strong"))


def demo_finding() -> Finding:
    from fahuo import settings

    if settings.DEMO and settings.HTTPS:
        mend = say(
            "正式使用时不要设 FAHUO_DEMO：演示账号的密码是公开的",
            "Unset FAHUO_DEMO for real work: the demo's passwords are public",
        )
        return Finding(
            "demo", "fail", say("演示开着，而主机名对外", "the demo is on, and the host names are public"), mend
        )
    if settings.DEMO:
        return Finding(
            "demo",
            "warn",
            say("演示开着", "the demo is on"),
            say("正式使用前去掉 FAHUO_DEMO", "Unset FAHUO_DEMO before real work"),
        )
    return Finding("demo", "ok", say("关着", "off"))


def folder_finding() -> Finding:
    from fahuo import settings

    folder = settings.DATA
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".doctor.{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError:
        mend = say(
            f"让运行 fahuo 的用户能写 {folder}，或改 FAHUO_DATA",
            f"Let the user of fahuo write to {folder}, or change FAHUO_DATA",
        )
        return Finding("folder", "fail", say("数据目录不能写", "the data folder cannot be written"), mend)
    room = shutil.disk_usage(folder).free
    seen = say(f"{folder} 剩余 {room / 2**30:.1f} GB", f"{folder} has {room / 2**30:.1f} GB free")
    state: State = "fail" if room < ROOM_FAIL else "warn" if room < ROOM_WARN else "ok"
    return Finding("folder", state, seen, "" if state == "ok" else say("腾出磁盘空间", "Free some disk space"))


def database_findings() -> list[Finding]:
    """The server, its encoding and time, the tables. One failure when it cannot be reached."""
    from django.db import Error

    from fahuo.cli.session import ready

    try:
        ready(tables=False)
        from fahuo.store import clock

        server = clock.server()
        now = datetime.now(UTC)
    except Refusal as refusal:
        return [Finding("database", "fail", refusal.problems[0].sentence(language()))]
    except Error:
        mend = say("检查 DATABASE_URL，以及数据库是否在运行", "Check DATABASE_URL, and whether the server runs")
        return [Finding("database", "fail", say("连不上", "cannot be reached"), mend)]
    return [server_finding(server.version, server.encoding, server.letters, server.size), skew_finding(server.at, now),
            *tables_findings(now)]  # fmt: skip


def server_finding(version: int, encoding: str, letters: bool, size: int) -> Finding:
    seen = f"PostgreSQL {version // 10_000}.{version % 10_000}, {encoding}, {size / 2**20:.0f} MB"
    if version < 150_000:
        return Finding("database", "fail", seen, say("需要 PostgreSQL 15 以上", "PostgreSQL 15 or later is needed"))
    if encoding != "UTF8":
        return Finding(
            "database", "fail", seen, say("用 ENCODING 'UTF8' 重建数据库", "Create the database with ENCODING 'UTF8'")
        )
    if not letters:
        mend = say(
            "用 LOCALE 'C.UTF-8' 重建数据库，否则中文搜索不全",
            "Create the database with LOCALE 'C.UTF-8', or Chinese search misses rows",
        )
        return Finding("database", "warn", seen, mend)
    return Finding("database", "ok", seen)


def skew_finding(theirs: datetime, ours: datetime) -> Finding:
    skew = abs((theirs - ours).total_seconds())
    seen = say(f"与数据库相差 {skew:.1f} 秒", f"{skew:.1f} s from the database's")
    if skew > SKEW_WARN:
        return Finding(
            "time",
            "warn",
            seen,
            say("在两台机器上都开启时间同步（NTP）", "Turn on time synchronisation (NTP) on both machines"),
        )
    return Finding("time", "ok", seen)


def tables_findings(now: datetime) -> list[Finding]:
    from fahuo.store import clock, upgrades

    waiting = upgrades.pending()
    seen = say(f"还有 {len(waiting)} 个迁移没有执行", f"{len(waiting)} migrations are pending")
    if upgrades.needed(waiting):
        return [Finding("tables", "fail", seen, "fahuo migrate")]
    ok = Finding("tables", "ok", say("是最新的", "current"))
    current = Finding("tables", "warn", seen, "fahuo migrate") if waiting else ok
    return [
        current,
        walls_finding(),
        clock_finding(clock.last_tick(), now),
        work_finding(now),
        personal_finding(),
        *demo_accounts_findings(),
    ]


def walls_finding() -> Finding:
    """Whether the database itself keeps the shops apart."""
    from fahuo.store import wall, wall_tables

    missing = wall_tables.missing()
    if missing is None:
        return Finding(
            "walls",
            "warn",
            say("数据库里没有店铺之间的第二道墙", "no second wall between shops inside the database"),
            say(
                f"由数据库管理员执行 CREATE ROLE {wall.ROLE} NOLOGIN; GRANT {wall.ROLE} TO 登录名；然后 fahuo migrate",
                f"As the database's administrator: CREATE ROLE {wall.ROLE} NOLOGIN; GRANT {wall.ROLE} TO login; then fahuo migrate",
            ),
        )
    if missing:
        seen = say(f"没有墙的表：{', '.join(missing)}", f"tables without a wall: {', '.join(missing)}")
        return Finding("walls", "fail", seen, "fahuo migrate")
    return Finding("walls", "ok", say("每家店铺只看得到自己的行", "each shop sees its own rows alone"))


def personal_finding() -> Finding:
    """Whether all personal data is sealed under the newest key, and whether the keys at hand open and find it."""
    from fahuo.services import sealing_rounds

    shops = sealing_rounds.progress()
    wrong = sorted({fault for one in shops for fault in sealing_rounds.key_faults(one["shop"])})
    key = sealing_rounds.newest_key()
    if wrong:
        seen = say(f"手上的钥匙不对：{'、'.join(wrong)}", f"the keys at hand do not fit: {', '.join(wrong)}")
        mend = say(
            "换回原来的 FAHUO_SEALING_KEY 和 FAHUO_SEARCH_KEY",
            "Bring back the FAHUO_SEALING_KEY and FAHUO_SEARCH_KEY it was sealed with",
        )
        return Finding("personal", "fail", seen, mend)
    if waits := sum(1 for one in shops if one["open"]):
        seen = say(
            f"{waits} 家店铺还没有全部用钥匙 {key} 加密", f"{waits} shops are not all sealed under key {key} yet"
        )
        return Finding(
            "personal",
            "warn",
            seen,
            say(
                "让时钟走，或运行 fahuo privacy seal；旧钥匙先留着",
                "Let the clock run, or `fahuo privacy seal`; keep the old key until then",
            ),
        )
    return Finding("personal", "ok", say(f"已全部用钥匙 {key} 加密", f"all sealed under key {key}"))


def demo_accounts_findings() -> list[Finding]:
    """Accounts of a demo that were left in a database which is used in earnest: their password is public."""
    from fahuo import settings
    from fahuo.samples.accounts import ACCOUNTS
    from fahuo.services import signin

    if settings.DEMO:
        return []
    left = signin.left_of_the_demo([name for name, *_ in ACCOUNTS])
    if not left:
        return []
    mend = say(
        "它们在这里登不进来；换一个空的数据目录，或给它们新密码（fahuo account password）",
        "They cannot sign in here; take an empty data folder, or give them new passwords (fahuo account password)",
    )
    names = ", ".join(left)
    return [
        Finding("accounts", "fail", say(f"还留着演示账号：{names}", f"accounts of the demo are left: {names}"), mend)
    ]


def clock_finding(last: datetime | None, now: datetime) -> Finding:
    mend = say("启动 fahuo run 或 fahuo clock；看它的日志", "Start `fahuo run` or `fahuo clock`; look at its log")
    if last is None:
        return Finding("clock", "warn", say("还没有走过", "has never run"), mend)
    age = (now - last).total_seconds()
    seen = say(f"{age:.0f} 秒前走过", f"last round {age:.0f} s ago")
    return Finding("clock", "warn", seen, mend) if age > TICK_WARN else Finding("clock", "ok", seen)


def web_findings(url: str) -> list[Finding]:
    """The web server at `url`, or else the one that `fahuo run` keeps on this data folder; nothing when none runs."""
    from fahuo import settings

    address = url or address_of(settings.DATA)
    return [web_finding(address)] if address else []


def examine(url: str = "") -> list[Finding]:
    """Every check, in order; those that need sound settings are left out when the settings are not."""
    findings = settings_findings()
    if findings[0].state == "fail":
        return findings
    checks: list[Callable[[], Finding]] = [secret_finding, demo_finding, folder_finding]
    return [*findings, *(check() for check in checks), *database_findings(), *web_findings(url)]


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Answer as one JSON document on standard output.")
@click.option("--url", default="", metavar="URL", help="Ask the web server at this address, too: https://shop.example")
def command(as_json: bool, url: str) -> None:
    """检查安装,说明怎么修。Exit code: 0 all well, 1 warnings, 2 failures."""
    findings = examine(url)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        colours = {"ok": "green", "warn": "yellow", "fail": "red"}
        for finding in findings:
            mark = click.style(f"{finding.state:4}", fg=colours[finding.state])
            click.echo(f"{mark}  {finding.check:9} {finding.seen}{'  -> ' if finding.mend else ''}{finding.mend}")
    states = {finding.state for finding in findings}
    raise click.exceptions.Exit(2 if "fail" in states else 1 if "warn" in states else 0)
