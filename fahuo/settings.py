"""Every knob, from the environment, on one page; then what they mean for Django.

A knob is read from its variable or, for secrets kept in a file, from the file that `<NAME>_FILE` names. Nonsense is
refused with one sentence for each variable (`Refusal`), before anything starts.
"""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from fahuo.edition import edition
from fahuo.rules.problems import Datum, Problem, Refusal

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})
TLS_OPTIONS = frozenset(
    {"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "target_session_attrs", "application_name"}
)


@dataclass(frozen=True, slots=True)
class Knob:
    """One variable: its default as text, how it is read (raises Refusal), and what it is for."""

    name: str
    default: str
    read: Callable[[str, str], Any]
    zh: str
    en: str


def refuse(code: str, name: str, **data: Datum) -> Refusal:
    return Refusal.of(code, name=name, **data)


def as_text(name: str, text: str) -> str:
    return text


def as_boolean(name: str, text: str) -> bool:
    if text.lower() in ("yes", "true", "on", "1"):
        return True
    if text.lower() in ("no", "false", "off", "0"):
        return False
    raise refuse("setting_boolean", name)


def as_boolean_or_auto(name: str, text: str) -> bool | None:
    return None if text == "auto" else as_boolean(name, text)


def as_number(low: int, high: int) -> Callable[[str, str], int]:
    def read(name: str, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not low <= int(text) <= high:
            raise refuse("setting_number", name, low=low, high=high)
        return int(text)

    return read


def as_size(name: str, text: str) -> int:
    """Bytes: a number with K, M or G."""
    found = re.fullmatch(r"([0-9]{1,9})([KMG]?)", text.upper(), re.ASCII)
    size = int(found[1]) * {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}[found[2]] if found else 0
    if not 2**16 <= size <= 2**31:
        raise refuse("setting_size", name)
    return size


def as_choice(*choices: str) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text not in choices:
            raise refuse("setting_choice", name, choices=", ".join(choices))
        return text

    return read


def as_folder(name: str, text: str) -> Path:
    return Path(text).expanduser().absolute()


def as_hosts(name: str, text: str) -> list[str]:
    hosts = [host.strip() for host in text.split(",") if host.strip()]
    if not hosts or any(not re.fullmatch(r"\.?[A-Za-z0-9.-]+|\[[0-9a-f:]+\]", host) for host in hosts):
        raise refuse("setting_hosts", name)
    return hosts


def as_networks(name: str, text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks like 192.168.0.0/16, comma-separated; single addresses too."""
    try:
        return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())
    except ValueError:
        raise refuse("setting_networks", name) from None


def as_database(name: str, text: str) -> dict[str, Any] | None:
    """A PostgreSQL URL as Django's dictionary; None for "" (the embedded server)."""
    if not text:
        return None
    try:
        url = urlsplit(text)
        port, query = url.port, dict(parse_qsl(url.query, strict_parsing=True) if url.query else ())
    except ValueError:
        raise refuse("setting_database_url", name) from None
    host = query.pop("host", "") or unquote(url.hostname or "")
    base = unquote(url.path.removeprefix("/"))
    if url.scheme not in ("postgres", "postgresql") or not base or not host or set(query) - TLS_OPTIONS:
        raise refuse("setting_database_url", name)
    return {
        "ENGINE": "fahuo.store.postgres", "NAME": base, "HOST": host, "PORT": str(port or ""),
        "USER": unquote(url.username or ""), "PASSWORD": unquote(url.password or ""), "OPTIONS": dict(query),
        "CONN_HEALTH_CHECKS": True,
    }  # fmt: skip


KNOBS = (
    Knob("FAHUO_DATA", "./var", as_folder, "数据目录：内置数据库和生成的密钥放在这里",
         "Data folder: the embedded database and the generated secret key live here"),
    Knob("DATABASE_URL", "", as_database, "PostgreSQL 15 以上的地址，如 postgresql://用户:密码@主机:5432/库名；留空则用内置的",
         "A PostgreSQL 15+ server, like postgresql://user:password@host:5432/name; empty: the embedded one"),
    Knob("FAHUO_SECRET_KEY", "", as_text, "签名会话的密钥，至少 32 个字符；留空则生成一个，存在数据目录里（权限 0600）",
         "Signs sessions, at least 32 characters; empty: one is made and kept in the data folder (mode 0600)"),
    Knob("FAHUO_SEALING_KEY", "", as_text, "加密个人信息和保存的密钥（应用密钥、平台令牌）用的钥匙，至少 32 个字符；换钥匙时新的在前，逗号分隔；留空则生成一个，存在数据目录里",
         "Seals personal data and kept secrets (of apps and marketplaces), at least 32 characters; to change it: new,old; empty: one is made in the data folder"),
    Knob("FAHUO_SEARCH_KEY", "", as_text, "按手机号、姓名查找用的钥匙，至少 32 个字符，定下后不能换；留空则生成一个，存在数据目录里",
         "Makes the marks that find receivers by phone and name, at least 32 characters, and must never change; empty: one is made in the data folder"),
    Knob("FAHUO_HOSTS", "localhost,127.0.0.1,[::1]", as_hosts, "浏览器里用的主机名，逗号分隔",
         "Host names people type into the browser, comma-separated"),
    Knob("FAHUO_HTTPS", "auto", as_boolean_or_auto, "前面有 TLS 代理（yes/no）；auto：主机名不全是本机时为 yes",
         "Behind a TLS proxy (yes/no); auto: yes unless every host name is this machine"),
    Knob("FAHUO_PROXIES", "127.0.0.0/8,::1/128", as_networks,
         "哪些网段里的代理可以说明访问者的地址（X-Forwarded-For），逗号分隔",
         "Networks of proxies that may say where a visitor comes from (X-Forwarded-For), comma-separated"),
    Knob("FAHUO_SESSION_HOURS", "336", as_number(1, 2160), "登录后最多多少小时要重新登录", "Hours after which everybody signs in again"),
    Knob("FAHUO_IDLE_HOURS", "72", as_number(1, 2160), "多少小时没有操作就要重新登录", "Hours without a page after which one signs in again"),
    Knob("FAHUO_STAFF_SECOND_FACTOR", "auto", as_boolean_or_auto, "平台人员必须有第二重验证（yes/no）；auto：有 TLS 时为 yes",
         "The platform's staff need a second factor (yes/no); auto: yes behind TLS"),
    Knob("FAHUO_BIND", "127.0.0.1", as_text, "监听的地址", "Address to listen on"),
    Knob("FAHUO_PORT", "8000", as_number(1, 65535), "监听的端口；未设置且 8000 被占用时自动换下一个",
         "Port to listen on; if unset and 8000 is taken, the next free one"),
    Knob("FAHUO_THREADS", "4", as_number(1, 64), "网页的线程数；接口另有四倍的线程，每个线程最多一个数据库连接",
         "Threads for pages, and four times as many for the API; a thread uses one database connection at most"),
    Knob("FAHUO_QUEUE", "200", as_number(1, 100_000), "等线程的请求最多多少个，网页和接口各算各的；再多就回 503",
         "Requests that may wait for a thread, pages and API apart; those beyond are answered 503"),
    Knob("FAHUO_METRICS_TOKEN", "", as_text, "看 /metrics 要带的令牌；留空则只有本机能看",
         "The token that opens /metrics; empty: only this machine may look"),
    Knob("FAHUO_DEMO", "no", as_boolean, "第一次启动时装入演示店铺；正式使用请保持 no",
         "Load the demo shop on first start; leave it off for real work"),
    Knob("FAHUO_DEBUG", "no", as_boolean, "开发用的详细报错页；只能在本机使用", "Debug pages, for developing; on this machine only"),
    Knob("FAHUO_UPLOAD_LIMIT", "64M", as_size, "一个上传文件的大小上限（64K 到 2G）", "Largest file that may be uploaded (64K to 2G)"),
    Knob("FAHUO_KEEP_DAYS", "90", as_number(7, 3650), "结束的批次及其文件保留多少天",
         "How many days the rows and files of finished batches are kept"),
    Knob("FAHUO_KEEP_RECEIVER_DAYS", "180", as_number(15, 3650), "订单完成或关闭多少天后删除收件人、留言和备注",
         "How many days after an order is over its receiver, the buyer's message and memos are erased"),
    Knob("FAHUO_KEEP_TALK_DAYS", "365", as_number(30, 3650), "订单完成或关闭多少天后删除与买家的会话内容",
         "How many days after an order is over its conversation is erased"),
    Knob("FAHUO_KEEP_TRADE_DAYS", "1095", as_number(1095, 36500), "订单完成或关闭多少天后删除买家昵称和投诉凭证",
         "How many days after an order is over the buyer's nick and evidence are erased"),
    Knob("FAHUO_REVEALS_PER_DAY", "1000", as_number(1, 10_000_000), "每个账号每天最多查看多少个完整的收件人",
         "How many receivers one account may look at in full on one day"),
    Knob("FAHUO_EXPORTS_PER_DAY", "30000", as_number(1, 100_000_000), "每个账号每天最多导出多少个收件人",
         "How many receivers one account may export on one day"),
    Knob("FAHUO_NOTIFY_PRIVATE", "no", as_boolean, "消息渠道（钉钉、邮件等）和接口的 Webhook 可以发往内网地址",
         "Channels for reminders (chat robots, mail) and the API's webhooks may lead into private networks"),
    Knob("FAHUO_PRINTER_NETWORKS", "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7", as_networks,
         "打印机可以在哪些网段，逗号分隔；本机的打印机要写上 127.0.0.0/8",
         "Networks in which printers may stand, comma-separated; for printers of this machine add 127.0.0.0/8"),
    Knob("FAHUO_API_PER_MINUTE", "3000", as_number(1, 1_000_000), "每把 API 密钥每分钟最多调用多少次（密钥可以另设）",
         "Calls a minute that an API key may make (a key may have its own limit)"),
    Knob("FAHUO_CONNECT_PRIVATE", "no", as_boolean, "接入的平台和快递接口可以在内网，也可以不用 https",
         "Marketplaces and carriers' services may lie in private networks, and do without https"),
    Knob("FAHUO_LANG", "", as_choice("", "zh", "en"), "命令行的语言（zh 或 en）；留空则看 LANG，再没有就是中文",
         "Language of the command line (zh or en); empty: from LANG, else Chinese"),
    Knob("FAHUO_SHOP", "", as_text, "命令行默认操作的店铺代码", "The shop that commands act for when --shop is not given"),
    Knob("FAHUO_LOG_LEVEL", "info", as_choice("debug", "info", "warning", "error"), "日志的详细程度", "How much is logged"),
)  # fmt: skip


def text_of(environ: Mapping[str, str], knob: Knob) -> str:
    """What the environment says of a knob: the variable, or the content of the file `<NAME>_FILE` names."""
    file = environ.get(f"{knob.name}_FILE", "")
    text = environ.get(knob.name, "").strip()
    if file and text:
        raise refuse("setting_twice", knob.name)
    if file:
        try:
            text = Path(file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise refuse("setting_file", f"{knob.name}_FILE") from None
    return text or knob.default


def weak(secret: str) -> bool:
    return len(secret) < 32 or len(set(secret)) < 10


def contradictions(found: Mapping[str, Any]) -> list[Problem]:
    """What is wrong between knobs that are each well-formed."""
    public = not LOOPBACK.issuperset(found.get("FAHUO_HOSTS", ()))
    problems = []
    for name in ("FAHUO_SECRET_KEY", "FAHUO_SEALING_KEY", "FAHUO_SEARCH_KEY"):
        if found.get(name) and any(map(weak, found[name].split(","))) and not found.get("FAHUO_DEMO"):
            problems.append(Problem("setting_secret_weak", {"name": name}))
    if found.get("FAHUO_DEBUG") and public:
        problems.append(Problem("setting_debug_public", {"name": "FAHUO_DEBUG"}))
    return problems


def read(environ: Mapping[str, str]) -> dict[str, Any]:
    """Every knob's value by its name; raises Refusal with one problem for each that makes no sense."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for knob in KNOBS:
        try:
            found[knob.name] = knob.read(knob.name, text_of(environ, knob))
        except Refusal as refusal:
            problems.extend(refusal.problems)
    problems.extend(contradictions(found))
    if problems:
        raise Refusal(*problems)
    if found["FAHUO_HTTPS"] is None:
        found["FAHUO_HTTPS"] = not LOOPBACK.issuperset(found["FAHUO_HOSTS"])
    if found["FAHUO_STAFF_SECOND_FACTOR"] is None:
        found["FAHUO_STAFF_SECOND_FACTOR"] = found["FAHUO_HTTPS"]
    return found


def unknown(environ: Mapping[str, str]) -> list[str]:
    """Variables that look like ours and are none: most likely misspelt."""
    ours = {name for knob in KNOBS for name in (knob.name, f"{knob.name}_FILE")}
    return sorted(name for name in environ if name.startswith("FAHUO_") and name not in ours)


def kept_secret(folder: Path, name: str = "secret-key") -> str:
    """A secret kept in the data folder; made there on first use, readable by its owner alone."""
    file = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            draft = folder / f".{name}.{os.getpid()}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as sink:
                sink.write(secrets.token_urlsafe(48))
            try:
                os.link(draft, file)  # the first process wins; the others read what it wrote
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return file.read_text("ascii").strip()
    except OSError:
        raise refuse("setting_data_folder", "FAHUO_DATA", folder=str(folder)) from None


chosen = read(os.environ)
BASE_DIR = Path(__file__).resolve().parent
DATA: Path = chosen["FAHUO_DATA"]
DEMO: bool = chosen["FAHUO_DEMO"]
HTTPS: bool = chosen["FAHUO_HTTPS"]
PROXIES: tuple[IPv4Network | IPv6Network, ...] = chosen["FAHUO_PROXIES"]
STAFF_SECOND_FACTOR: bool = chosen["FAHUO_STAFF_SECOND_FACTOR"]
BIND: str = chosen["FAHUO_BIND"]
PORT: int = chosen["FAHUO_PORT"]
THREADS: int = chosen["FAHUO_THREADS"]
QUEUE: int = chosen["FAHUO_QUEUE"]
METRICS_TOKEN: str = chosen["FAHUO_METRICS_TOKEN"]
UPLOAD_LIMIT: int = chosen["FAHUO_UPLOAD_LIMIT"]
KEEP_DAYS: int = chosen["FAHUO_KEEP_DAYS"]
ERASE_AFTER = {stage: int(chosen[f"FAHUO_KEEP_{stage.upper()}_DAYS"]) for stage in ("receiver", "talk", "trade")}
REVEALS_PER_DAY: int = chosen["FAHUO_REVEALS_PER_DAY"]
EXPORTS_PER_DAY: int = chosen["FAHUO_EXPORTS_PER_DAY"]
NOTIFY_PRIVATE: bool = chosen["FAHUO_NOTIFY_PRIVATE"]
PRINTER_NETWORKS: tuple[IPv4Network | IPv6Network, ...] = chosen["FAHUO_PRINTER_NETWORKS"]
API_PER_MINUTE: int = chosen["FAHUO_API_PER_MINUTE"]
CONNECT_PRIVATE: bool = chosen["FAHUO_CONNECT_PRIVATE"]
EMBEDDED = chosen["DATABASE_URL"] is None
"""No DATABASE_URL was given: `fahuo.cli.session.ready` starts the embedded server and fills in DATABASES."""

SECRET_KEY: str = chosen["FAHUO_SECRET_KEY"] or kept_secret(DATA)
SEALING_KEY: str = chosen["FAHUO_SEALING_KEY"] or kept_secret(DATA, "sealing-key")
"""Seals personal data (store/sealed.py) and what the database keeps of other people's secrets (services/sealing.py)."""
SEARCH_KEY: str = chosen["FAHUO_SEARCH_KEY"] or kept_secret(DATA, "search-key")
"""Makes the marks by which sealed receivers are found."""
DEBUG: bool = chosen["FAHUO_DEBUG"]
ALLOWED_HOSTS: list[str] = chosen["FAHUO_HOSTS"]
ROOT_URLCONF = "fahuo.urls"
AUTH_USER_MODEL = "fahuo.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
    "whitenoise.runserver_nostatic", "django.contrib.staticfiles", "django.contrib.postgres",
    "django_htmx", "lucide", "drf_spectacular_sidecar", "fahuo.store", "fahuo.web",
]  # fmt: skip
MIDDLEWARE = [
    "fahuo.web.health.Measured",
    "django.middleware.security.SecurityMiddleware",
    "fahuo.web.security.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fahuo.web.visitor.Bounds",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "fahuo.web.session.Preferences",
    "fahuo.web.given.Given",
    "fahuo.web.security.Refusals",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fahuo.web.context.page",
            ]
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": chosen["DATABASE_URL"]
    or {"ENGINE": "fahuo.store.postgres", "NAME": "fahuo", "HOST": str(DATA / "not-started"), "OPTIONS": {}}
}
CALLS = 4 * THREADS
"""Threads for calls of the API: most of a call's time is spent waiting for the disk, and waiting together costs less."""
WEB_POOL = {"min_size": 1, "max_size": THREADS + CALLS, "timeout": 10, "max_idle": 120}
"""The web process keeps its connections in a pool (see asgi.py); the clock and the commands hold one each."""

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
CSRF_FAILURE_VIEW = "fahuo.web.start.stale_form"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "web" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = f"/static/{edition(BASE_DIR / 'web')}/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0
if not DEBUG:
    WHITENOISE_IMMUTABLE_FILE_TEST = rf"^{STATIC_URL}"

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 25_000
DATA_UPLOAD_MAX_NUMBER_FILES = 10

SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "fahuo.services.sessions"
SESSION_COOKIE_AGE = chosen["FAHUO_SESSION_HOURS"] * 3600
SESSION_IDLE = chosen["FAHUO_IDLE_HOURS"] * 3600
if HTTPS:  # such a cookie is the host's own, sent over TLS only, and no subdomain can lay it
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_TRUSTED_ORIGINS = [f"https://{'*' if host[0] == '.' else ''}{host}" for host in ALLOWED_HOSTS]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "fahuo.logs.Lines", "details": DEBUG}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": chosen["FAHUO_LOG_LEVEL"].upper()},
    "loggers": {"django": {"handlers": [], "level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
