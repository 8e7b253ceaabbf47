"""One file of settings; environments differ by variables only. `.env.example` lists them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from astro_ui import parts
from astro_ui.environment import Environment
from astro_ui.keys import KeyStore, public_pem
from astro_ui.version import VERSION as VERSION

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

DATA_DIR = Path(env.text("ASTRO_UI_DATA", str(BASE_DIR / "var"))).resolve()
DEBUG = env.flag("ASTRO_UI_DEBUG")
BASE_URL = env.text("ASTRO_UI_BASE_URL", "http://localhost:8000").rstrip("/")
_base = urlsplit(BASE_URL)
IS_TLS = _base.scheme == "https"

# How each Deployment's Airflow is reached: `{namespace}` stands in the host name, or where no
# such names can be had, in the path (all Airflows then share one origin: see SECURITY.md).
AIRFLOW_URL_PATTERN = env.text(
    "ASTRO_UI_AIRFLOW_URL",
    f"{_base.scheme}://{{namespace}}.{_base.netloc}/",
)
# What a front proxy shows to ask `/_astro/authorize`; without it that address does not exist.
FRONT_PROXY_KEY = env.text("ASTRO_UI_FRONT_PROXY_KEY")
METRICS_TOKEN = env.text("ASTRO_UI_METRICS_TOKEN")  # without it there is no `/metrics`
TRUSTED_PROXIES = env.networks("ASTRO_UI_TRUSTED_PROXIES")
# Where tenants may let the console send, besides public addresses by HTTPS (`web.outgoing`)
OUTGOING_NETWORKS = env.networks("ASTRO_UI_OUTGOING_NETWORKS")
OUTGOING_HTTP = env.flag("ASTRO_UI_OUTGOING_HTTP")
DNS_SERVERS = env.words("ASTRO_UI_DNS_SERVERS")  # asked for proofs of domains; else the machine's
# Where processes on this machine reach the console, whatever its public address is.
INTERNAL_URL = env.text("ASTRO_UI_INTERNAL_URL", BASE_URL).rstrip("/")

keys = KeyStore(DATA_DIR / "secrets")
SECRET_KEY = env.text("SECRET_KEY") or keys.secret_key()
ENCRYPTION_KEYS = env.words("ENCRYPTION_KEYS") or [keys.encryption_key()]
IDENTITY_PRIVATE_KEY = env.text("IDENTITY_PRIVATE_KEY") or keys.identity_key()
IDENTITY_PUBLIC_KEY = public_pem(IDENTITY_PRIVATE_KEY)
AUDIT_PRIVATE_KEY = env.text("AUDIT_PRIVATE_KEY") or keys.audit_key()
AUDIT_PUBLIC_KEYS = keys.audit_public_keys(AUDIT_PRIVATE_KEY)
IDP_OIDC_PRIVATE_KEY = env.text("OPENID_PRIVATE_KEY") or keys.openid_key()
# Signed heads of the audit log's chains; best on a disk that keeps what was written
AUDIT_HEADS = Path(env.text("ASTRO_UI_AUDIT_HEADS") or DATA_DIR / "audit" / "heads.jsonl")
_sinks = env.text("ASTRO_UI_AUDIT_SINK_DIR")
AUDIT_SINK_DIR = Path(_sinks).resolve() if _sinks else None

ALLOWED_HOSTS = [_base.hostname or "localhost", "127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS += env.words("ASTRO_UI_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "astro_ui.apps.ConsoleConfig",
    "installation",
    "api",
    "deployments",
    "workspaces",
    "accounts",
    "access",
    "audit",
    "web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.idp.oidc",
    "django_celery_beat",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "drf_spectacular",
    "rest_framework",
    "template_partials.apps.SimpleAppConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "web.middleware.RequestIdMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SeenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.sso.gate.EnforcementMiddleware",
    "accounts.middleware.ActorMiddleware",
    "web.middleware.SignedOutMiddleware",
    "web.middleware.DomainErrorMiddleware",
]
MACHINE_PATHS = ("/v1/", "/uploads/", "/spec/", "/scim/")
"""Where programs call, by a bearer or a secret address, never by a session; errors are JSON there,
whoever asks."""
MACHINE_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "web.middleware.RequestIdMiddleware",
    "web.middleware.ProgramMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "web.middleware.DomainErrorMiddleware",
]
ROOT_URLCONF = "astro_ui.urls"
ASGI_APPLICATION = "astro_ui.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.page",
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "web.templatetags.leaves",  # after cotton, whose tag it takes over
                "web.templatetags.links",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
COTTON_DIR = "components"
COTTON_ISOLATE_BY_DEFAULT = True  # a component sees its attributes, not the page's variables

PREPARES_STATEMENTS = not env.flag("ASTRO_UI_NO_PREPARED_STATEMENTS")
DATABASES = {"default": parts.database(env, DATA_DIR, is_prepared=PREPARES_STATEMENTS)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# As long as an identity lives at most: Airflow refuses what is older in any case
AIRFLOW_GRACE_SECONDS = min(60, env.number("ASTRO_UI_AIRFLOW_GRACE_SECONDS", 60))
REDIS_URL = parts.redis_url(env, DATA_DIR)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}

CELERY_BROKER_URL = parts.broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "astro_ui.beat:SteadyScheduler"
# The agent reads it too, and has the last word
SHARE_UNISOLATED = env.flag("ASTRO_UI_SHARE_UNISOLATED")
AGENT_SOCKET = Path(env.text("ASTRO_UI_AGENT_SOCKET") or DATA_DIR / "run" / "agent.sock")

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.ConsoleAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_RATE_LIMITS = {"login_failed": "6/5m/key,60/5m/ip", "reauthenticate": "20/5m/user"}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {"signup": "accounts.forms.SignUpForm"}
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
USERSESSIONS_TRACK_ACTIVITY = True
MFA_ADAPTER = "accounts.two_factor.adapter.ConsoleMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # steps of 30 s that a device's clock may be off
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Who signs in has a proven address already, where the console can ask for that at all
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "accounts.two_factor.forms.AuthenticateForm",
    "authenticate_webauthn": "accounts.two_factor.forms.AuthenticatePasskeyForm",
    "reauthenticate": "accounts.two_factor.forms.ReauthenticateForm",
    "reauthenticate_webauthn": "accounts.two_factor.forms.ReauthenticatePasskeyForm",
    "login_webauthn": "accounts.two_factor.forms.LoginPasskeyForm",
    "activate_totp": "accounts.two_factor.forms.ActivateForm",
    "add_webauthn": "accounts.two_factor.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.two_factor.forms.RenamePasskeyForm",
}
IDP_OIDC_ADAPTER = "accounts.openid.ConsoleOpenIdAdapter"

EMAIL_HOST = env.text("EMAIL_HOST")
HAS_MAIL = bool(EMAIL_HOST)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if HAS_MAIL else 'console'}.EmailBackend"
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = 10  # seconds: somebody waits for the page
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"Astro UI <console@{_base.hostname}>")
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if HAS_MAIL else "none"

# With that prefix browsers take the cookie from this host alone, and no Airflow can plant one
_prefix = "__Host-" if IS_TLS else ""
SESSION_COOKIE_NAME = f"{_prefix}astro_ui_session"
CSRF_COOKIE_NAME = f"{_prefix}astro_ui_csrf"
CSRF_FAILURE_VIEW = "web.views.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SILENCED_SYSTEM_CHECKS = ["security.W008"]
SECURE_SSL_REDIRECT = False  # the front proxy's work; the console itself speaks plain HTTP
SECURE_HSTS_SECONDS = 31_536_000 if IS_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, AIRFLOW_URL_PATTERN.replace("{namespace}", "*").rstrip("/")],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "web.storage.HashedStorage"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024**2
DATA_UPLOAD_MAX_NUMBER_FILES = 10_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_100  # a dropped folder sends one path a file
FILE_UPLOAD_TEMP_DIR = None

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
USE_I18N = False
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.ApiTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Astro UI API",
    "VERSION": "1.0",
    "SERVERS": [{"url": f"{BASE_URL}/v1"}],
    "SCHEMA_PATH_PREFIX": "/v1",
    "SCHEMA_PATH_PREFIX_TRIM": True,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["api.spec.polish"],
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("ASTRO_UI_LOG_LEVEL", "INFO")},
}
env.finish()
