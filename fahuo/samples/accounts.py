"""Who may sign in to the demo. These accounts exist only where FAHUO_DEMO is on."""

from typing import Final

from fahuo.rules.signin import DEMO_PASSWORD

PASSWORD: Final = DEMO_PASSWORD

ACCOUNTS: tuple[tuple[str, str, str], ...] = (
    ("lancao", PASSWORD, "主账号,管两家店 · main account of both shops"),
    ("cangku", PASSWORD, "仓库:发货、打印、导出 · warehouse: ships, prints, exports"),
    ("kefu", PASSWORD, "客服:平台任务、对话、备忘 · customer service: tasks, conversations, memos"),
    ("kuaidi", PASSWORD, "快递员小李:打印、取号、发货、交接 · a courier: prints, takes numbers, ships"),
    ("maijia", PASSWORD, "买家林间:催发货、对话、下单 · a buyer: urges, talks, orders"),
    ("maijia2", PASSWORD, "买家清河 · another buyer"),
    (
        "pingtai",
        PASSWORD,
        "平台人员:介入、裁决、免责地区、报备 · the platform: verdicts, exempt regions, delay reports",
    ),
)
"""(user name, password, what the account is)."""
