"""`fahuo VERB`: the commands by name. Each is loaded only when it is called, so that all start quickly."""

import sys
from importlib import import_module
from typing import Any, NamedTuple

import click

from fahuo import __version__
from fahuo.cli.language import complain, say
from fahuo.rules.problems import Refusal


class Verb(NamedTuple):
    """Where a command lives ("module:object"), and what it does in one line."""

    place: str
    zh: str
    en: str


VERBS = {
    "run": Verb(
        "fahuo.cli.run:command", "启动整个系统：数据库、网页和时钟", "Start everything: database, web and clock"
    ),
    "import": Verb("fahuo.cli.imports:command", "导入平台导出的订单表", "Import the marketplace's order sheets"),
    "orders": Verb("fahuo.cli.orders:command", "列出订单", "List orders"),
    "export": Verb("fahuo.cli.orders:export", "导出给快递公司的地址表", "Export the address table for a carrier"),
    "ship": Verb("fahuo.cli.ship:command", "批量发货：回填表或连续单号", "Ship by sheet or by consecutive numbers"),
    "upload-file": Verb(
        "fahuo.cli.upload:command", "导出平台的批量发货文件", "Write the marketplace's batch-upload file"
    ),
    "batch": Verb("fahuo.cli.batch:command", "查看、关闭、重开、撤销批次", "List, close, reopen and undo batches"),
    "urge": Verb(
        "fahuo.cli.urge:command",
        "登记外部平台的催发货和截止时间",
        "Enter urges of an outside marketplace, with its deadlines",
    ),
    "simulate": Verb(
        "fahuo.cli.simulate:command",
        "演练场景文件：这样做会怎样、要赔多少",
        "Play scenario files: what would happen, and cost",
    ),
    "explain": Verb(
        "fahuo.cli.explain:command",
        "说明一个订单为什么是这样、接下来会怎样",
        "Say why an order stands as it does, and what comes next",
    ),
    "rules": Verb(
        "fahuo.cli.rules:command", "规则版本：检查、试算、安排、撤回", "Rule books: check, replay, schedule, withdraw"
    ),
    "stock": Verb("fahuo.cli.stock:command", "单号库存：余量、入库", "Bought waybill numbers: what is left, buy more"),
    "labels": Verb("fahuo.cli.labels:command", "生成面单文件", "Write labels to a file"),
    "printers": Verb("fahuo.cli.printers:command", "打印机：查看、试打、送文件", "Printers: list, try, send a file"),
    "pickups": Verb("fahuo.cli.pickups:command", "今天的揽收和交接签收", "Today's pickups, and a courier's signature"),
    "samples": Verb("fahuo.cli.samples:command", "生成各种格式的示例文件", "Write sample files in every format"),
    "demo": Verb("fahuo.cli.demo:command", "装入演示店铺", "Load the demo shop"),
    "shop": Verb("fahuo.cli.people:shop", "新建和查看店铺", "Create and list shops"),
    "account": Verb("fahuo.cli.people:account", "新建账号、改密码、停用", "Create accounts, set passwords, deactivate"),
    "app": Verb("fahuo.cli.apps:command", "淘宝兼容接口的应用和授权", "Apps of the Taobao-compatible gateway"),
    "buyer": Verb("fahuo.cli.buyers:command", "买家账号：看和催自己的订单", "Buyers' accounts: their own orders"),
    "couriers": Verb(
        "fahuo.cli.couriers:command", "快递员账号：邀请、查看、关闭", "Couriers' accounts: invite, list, close"
    ),
    "staff": Verb("fahuo.cli.staff:command", "平台人员：谁可以裁决", "The platform's staff: who may decide"),
    "keys": Verb("fahuo.cli.keys:command", "API 密钥：新建、查看、吊销", "API keys: make, list, revoke"),
    "privacy": Verb(
        "fahuo.cli.privacy:command", "个人信息：加密、换密钥、核实", "Personal data: seal, change keys, verify"
    ),
    "doctor": Verb("fahuo.cli.doctor:command", "检查安装，说明怎么修", "Check the installation and say how to mend it"),
    "backup": Verb("fahuo.cli.backup:backup", "备份到一个文件", "Back up into one file"),
    "restore": Verb("fahuo.cli.backup:restore", "从备份文件恢复", "Restore from a backup file"),
    "migrate": Verb("fahuo.cli.migrate:command", "建表或升级表", "Create or upgrade the tables"),
    "clock": Verb("fahuo.cli.run:clock", "只运行时钟（后台工作）", "Run a clock alone (the work in the background)"),
    "web": Verb("fahuo.cli.run:web", "只运行网页服务", "Run the web server alone"),
}


class Verbs(click.Group):
    """The group of all verbs. A Refusal from any of them becomes its sentences on standard error and exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name].place.partition(":")
        found = getattr(import_module(module), name)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(say("命令", "Commands")):
            formatter.write_dl([(name, say(verb.zh, verb.en)) for name, verb in VERBS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            complain(refusal)
        except Exception as error:
            complain(refusal_of(error))


def refusal_of(error: Exception) -> Refusal:
    """A failure of the database as a refusal; anything else is raised again: it is our fault and worth a traceback."""
    if "django.db" in sys.modules:
        from django.db import OperationalError, ProgrammingError

        if isinstance(error, OperationalError):
            return Refusal.of("database_unreachable")
        if isinstance(error, ProgrammingError) and getattr(error.__cause__, "sqlstate", "") in ("42P01", "42703"):
            return Refusal.of("database_not_migrated")
    raise error


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="fahuo")
def main() -> None:
    """发货台:从已付款订单到快递揽收。The shipping desk of an online shop."""


if __name__ == "__main__":
    main(prog_name="fahuo")
