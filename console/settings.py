"""Settings of one Waymark installation, all from environment variables.

Each variable is documented in docs/settings.md (a test compares the two). Any secret NAME may come from a
file instead: set NAME_FILE. A wrong value stops the start with a sentence that names the variable.
"""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from console.environment import (
    database_config,
    env,
    local_secret,
    queue_config,
    refuse_unsafe_production,
)

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where and how this installation runs -------------------------------------------------------------------
WAYMARK_ENV: str = env.choice("WAYMARK_ENV", "local", ("local", "production"))
IS_LOCAL = WAYMARK_ENV == "local"
DEBUG = env.boolean("WAYMARK_DEBUG", default=False)
WAYMARK_DATA_DIR = Path(env.text("WAYMARK_DATA_DIR", str(BASE_DIR / "var"))).expanduser().resolve()
WAYMARK_DATA_DIR.mkdir(parents=True, exist_ok=True)
WAYMARK_BASE_URL: str = env.url("WAYMARK_BASE_URL", "http://127.0.0.1:8000" if IS_LOCAL else None)
_base = urlsplit(WAYMARK_BASE_URL)
ALLOWED_HOSTS = [_base.hostname or "localhost", *env.list("WAYMARK_ALLOWED_HOSTS")]
if IS_LOCAL:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]

SECRET_KEY: str = local_secret("WAYMARK_SECRET_KEY", WAYMARK_DATA_DIR, is_local=IS_LOCAL)
# First key encrypts, all decrypt: put a new one in front and run `manage.py rotate_encryption_keys`.
WAYMARK_ENCRYPTION_KEYS: list[str] = local_secret(
    "WAYMARK_ENCRYPTION_KEYS", WAYMARK_DATA_DIR, is_local=IS_LOCAL, is_fernet=True
).split(",")

# --- Meta's Cloud API ----------------------------------------------------------------------------------------
GRAPH_BASE_URL: str = env.url("WAYMARK_GRAPH_BASE_URL", "https://graph.facebook.com")
GRAPH_VERSION: str = env.pattern("WAYMARK_GRAPH_VERSION", "v26.0", r"v\d+\.\d", "a version such as v26.0")
# Where Meta posts webhooks to; differs from the base URL behind a proxy with a public name.
WEBHOOK_BASE_URL: str = env.url("WAYMARK_WEBHOOK_BASE_URL", WAYMARK_BASE_URL)
# Outbound calls to loopback and private ranges are refused unless this is on: only the simulator needs it.
ALLOW_PRIVATE_ADDRESSES: bool = env.boolean("WAYMARK_ALLOW_PRIVATE_ADDRESSES", default=False)

# --- Storage, cache, queue -----------------------------------------------------------------------------------
DATABASES = {"default": database_config(WAYMARK_DATA_DIR)}
REDIS_URL: str = env.text("REDIS_URL", "")
WAYMARK_WORKERS: int = env.integer("WAYMARK_WORKERS", 2, minimum=1, maximum=64)
Q_CLUSTER = queue_config(REDIS_URL, workers=WAYMARK_WORKERS)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": WAYMARK_DATA_DIR / "cache",
    }
}
MEDIA_ROOT = WAYMARK_DATA_DIR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024  # Meta's webhook bodies reach 3 MB
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # larger uploads stream to disk
FILE_UPLOAD_HANDLERS = [
    "console.kit.uploads.SizeLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o640, 0o750  # imports are personal data
IMPORT_MAX_BYTES: int = env.integer("WAYMARK_IMPORT_MAX_MB", 512, minimum=1, maximum=4096) * 1024 * 1024

# --- Rooms ---------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "console.kit",
    "console.workspaces",
    "console.alerts",
    "console.audiences",
    "channels_app.accounts",
    "channels_app.message_templates",
    "channels_app.content",
    "channels_app.delivery",
    "channels_app.webhooks",
    "channels_app.doctor",
    "channels_app.simulator",
    "campaigns",
    "journeys",
    "console.home",
    "console.reports",
    "console.demo",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "template_partials",
    "django_filters",
    "django_q",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",  # before WhiteNoise: static files carry it too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "console.workspaces.middleware.UserPreferencesMiddleware",
    "console.workspaces.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.home.navigation.navigation",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Sign-in -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "workspaces.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "console.workspaces.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # members join by invitation to their address, there is no open sign-up
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # the page says the same for known and unknown addresses
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second factor is told by mail
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before a password or second factor is changed
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
_forms = "console.workspaces.sign_in_forms"
ACCOUNT_FORMS = {
    "login": f"{_forms}.LoginForm",
    "reauthenticate": f"{_forms}.ReauthenticateForm",
    "reset_password": f"{_forms}.ResetPasswordForm",
    "reset_password_from_key": f"{_forms}.ResetPasswordKeyForm",
    "set_password": f"{_forms}.SetPasswordForm",
    "change_password": f"{_forms}.ChangePasswordForm",
}
MFA_FORMS = {
    "authenticate": f"{_forms}.AuthenticateForm",
    "reauthenticate": f"{_forms}.MfaReauthenticateForm",
    "activate_totp": f"{_forms}.ActivateTotpForm",
    "add_webauthn": f"{_forms}.AddPasskeyForm",
    "edit_webauthn": f"{_forms}.EditPasskeyForm",
}
MFA_ADAPTER = "console.workspaces.sign_in.MfaAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are proven by the invitation's link
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Waymark"
# Browsers allow passkeys on http://localhost only; everywhere else HTTPS is needed.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = IS_LOCAL
EMAIL_CONFIG = env.email_url("EMAIL_URL", "console:" if IS_LOCAL else "smtp://localhost:25")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL: str = env.text("WAYMARK_FROM_EMAIL", "waymark@localhost")

# --- Language and time ---------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어")]
LOCALE_PATHS = [BASE_DIR / "console" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files --------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
_packages = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *(
        (f"vendor/{prefix}", _packages / folder)
        for prefix, folder in (
            ("tabler/css", "@tabler/core/dist/css"),
            ("tabler/img", "@tabler/core/dist/img"),  # its style sheets point there
            ("inter", "@fontsource-variable/inter"),
            ("pretendard", "pretendard/dist/web/variable"),
            ("echarts", "echarts/dist"),
            ("idiomorph", "idiomorph/dist"),
        )
        if (_packages / folder).is_dir()
    ),
]
ICONS_DIR = _packages / "@tabler" / "icons" / "icons"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "console.kit.staticfiles.Storage"},
}
WHITENOISE_USE_FINDERS = IS_LOCAL
WHITENOISE_AUTOREFRESH = DEBUG

# --- Security ------------------------------------------------------------------------------------------------
IS_HTTPS = _base.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "waymark_session"
SECURE_SSL_REDIRECT = False  # the proxy in front does it; the health check stays on HTTP
BEHIND_PROXY: bool = env.boolean("WAYMARK_BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# Whose attempts to sign in are counted: the address the proxy saw, else the proxy itself would be locked out.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

# --- Logs ----------------------------------------------------------------------------------------------------
WAYMARK_LOG_LEVEL: str = env.choice("WAYMARK_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "waymark": {"level": WAYMARK_LOG_LEVEL},
        "django-q": {"level": "WARNING"},
        # A 403 or 404 is an answer, not an accident; without this each writes a traceback.
        "django.request": {"level": "ERROR"},
        # httpx logs whole URLs at INFO; a Graph URL may carry a token.
        "httpx": {"level": "WARNING"},
    },
}

refuse_unsafe_production(globals())
