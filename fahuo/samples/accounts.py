"""Who may sign in to the demo. These accounts exist only where FAHUO_DEMO is on."""

PASSWORD = "fahuo-demo"

ACCOUNTS: tuple[tuple[str, str, str], ...] = (
    ("lancao", PASSWORD, "主账号,管两家店 · main account of both shops"),
    ("cangku", PASSWORD, "仓库:发货、打印、导出 · warehouse: ships, prints, exports"),
    ("kefu", PASSWORD, "客服:备忘、催单、约定 · customer service: memos, urges, agreements"),
)
"""(user name, password, what the account is)."""
