"""Whether a value that is given to a name is a secret: what stands before it is read, and weighed with the value."""

from __future__ import annotations

import time
from base64 import b64encode
from pathlib import Path

import pytest

from tightlip.engine import assignment
from tightlip.engine.assignment import features, lead, names, trees

FOLDER = Path(assignment.__file__).parent
VALUE = "Kq7" + "vRt2mZx9w"
"""Random, and of no service's form."""


def read(line: str) -> lead.Lead:
    """What is read first, before the § of a line, of all that speaks of secrets."""
    text = line.encode()
    start = text.index("§".encode())
    return next(
        found
        for found in lead.read(text, start, start + len("§".encode()))
        if found.form == "header" or names.read(found.name).kind
    )


def chance(line: str) -> float:
    """How likely what stands between « and » is a secret."""
    before, rest = line.split("«")
    value, after = rest.split("»")
    start = len(before.encode())
    return assignment.chance((before + value + after).encode(), start, start + len(value.encode()))[0]


@pytest.mark.parametrize(
    ("line", "form", "name", "call"),
    [
        ('password = "§"', "given", "password", ""),
        ("PASSWORD='§'", "given", "PASSWORD", ""),
        ("password: §", "given", "password", ""),
        ('"password": "§"', "given", "password", ""),
        ("'password' => '§'", "given", "password", ""),
        ('password := "§"', "given", "password", ""),
        ('if (password == "§")', "given", "password", ""),
        ('db["password"] = "§"', "given", "password", ""),
        ('let token: String = "§"', "given", "let token", ""),
        ('const api_key: &str = "§"', "given", "const api_key", ""),
        ('token = Some("§")', "given", "token", "Some"),
        ('key = []byte("§")', "given", "key", "[]byte"),
        ('secret = new Secret("§")', "given", "secret", "new Secret"),
        ('properties.put("db.password", "§")', "given", "db.password", ""),
        ('setPassword("§")', "argument", "setPassword", ""),
        ('client.api_key("§")', "argument", "client.api_key", ""),
        ('process.env.TOKEN || "§"', "fallback", "process.env.TOKEN", ""),
        ('System.getenv("TOKEN") ?: "§"', "fallback", "TOKEN", ""),
        ("Authorization: Bearer §", "header", "Authorization", "Bearer"),
        ("curl -H 'Authorization: Basic §'", "header", "Authorization", "Basic"),
        ("postgres://app:§@db", "url", "password", ""),
        ("https://x.org/?token=§", "query", "token", ""),
        ("curl -u app:§", "user", "password", ""),
        ("mysql --password §", "option", "password", ""),
        ("<password>§</password>", "element", "password", ""),
        ('<string name="api_key">§</string>', "element", "api_key", ""),
        ("<key>password</key><string>§</string>", "element", "password", ""),
        ('- name: DB_PASSWORD\n  value: "§"', "pair", "DB_PASSWORD", ""),
        ('variable "password" {\n  default = "§"', "variable", "password", ""),
        ('"password": {\n  "type": "string",\n  "value": "§"', "variable", "password", ""),
        ("password:\n  default: §", "variable", "password", ""),
        ('{"key": "password", "type": "text", "value": "§"', "pair", "password", ""),
        ('"ParameterKey": "DBPassword", "ParameterValue": "§"', "pair", "DBPassword", ""),
        ('{"value": "§", "name": "password"}', "pair", "password", ""),
        ('<entry value="§" key="password"/>', "pair", "password", ""),
        ('[secrets]\nmailer = "§"', "section", "secrets", ""),
        ("api_keys:\n  one: first\n  two: §", "section", "api_keys", ""),
        ('passwords = ["first one", "§"]', "list", "passwords", ""),
        ('login("user", "§")', "user", "password", ""),
        ("creds: user / §", "user", "password", ""),
        ('btoa("user:§")', "user", "password", ""),
        ('createHmac("sha256", "§")', "argument", "createHmac", ""),
        ('password() { return "§"', "argument", "password", ""),
        ('api_key{"§"}', "argument", "api_key", ""),
        ('connect("10.0.0.7", 22, "user", "§")', "user", "password", ""),
        ('{default_pass, <<"§">>}', "given", "default_pass", ""),
        ('token = load("x") if PROD else "§"', "given", "token", ""),
        ("the password for the new database is §", "said", "the password", ""),
        ('"§".equals(password)', "given", "password", ""),
        ('--name "/app/db-password" --type SecureString --value "§"', "pair", "db-password", ""),
        ("  Password:\n    Type: String\n    NoEcho: true\n    Default: §", "variable", "Password", ""),
        ("ENV.fetch('TOKEN') { '§' }", "fallback", "TOKEN", ""),
        ('env::var("TOKEN").unwrap_or_else(|_| "§"', "fallback", "TOKEN", ""),
        ("$ENV{TOKEN} // '§'", "fallback", "TOKEN", ""),
        ('find("name", "password").send_keys("§")', "fallback", "password", ""),
        ('token = (\n    "§"', "given", "token", ""),
        ('token = \\\n    "§"', "given", "token", ""),
        ("$env:TOKEN = '§'", "given", "TOKEN", ""),
        ('char token[] = "§"', "given", "char token", ""),
        ('Dim token As String = "§"', "given", "Dim token", ""),
        ('public string Token { get; set; } = "§"', "given", "string Token", ""),
        ('field("String", "TOKEN", "\\"§\\"")', "given", "TOKEN", ""),
        ("CREATE USER a IDENTIFIED BY '§'", "sql", "password", ""),
        ('the password is "§"', "said", "the password", ""),
        ("ENV DB_SECRET §", "spaced", "DB_SECRET", ""),
        ("set -gx API_SECRET §", "spaced", "API_SECRET", ""),
        ('#define API_TOKEN "§"', "spaced", "API_TOKEN", ""),
        ("token ||= '§'", "given", "token", ""),
        ("token += '§'", "given", "token", ""),
        ("token <- '§'", "given", "token", ""),
        ("client_secret: |\n  §", "given", "client_secret", ""),
        ('{\\"token\\": \\"§', "given", "token", ""),
        ("&quot;token&quot;: &quot;§", "given", "token", ""),
        ("token = b'§'", "given", "token", ""),
        ("token = await decode('§'", "given", "token", "await decode"),
        ("| password | § |", "spaced", "password", ""),
    ],
)
def test_the_name_the_syntax_and_the_function_are_read(line: str, form: str, name: str, call: str) -> None:
    found = read(line)
    assert (found.form, found.name, found.call) == (form, name, call)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("DB_PASSWORD", "password"),
        ("dbpassword", "password"),
        ("пароль", "password"),
        ("密码", "password"),
        ("clientSecret", "secret"),
        ("access_token", "token"),
        ("apiKey", "key"),
        ("basicAuth", "credential"),
        ("session_id", "session"),
        ("STAPSK", "password"),
        ("PASSWORD_PEPPER", "secret"),
        ("bypass", ""),
        ("username", ""),
    ],
)
def test_a_name_says_what_it_holds(name: str, kind: str) -> None:
    assert names.read(name).kind == kind


def test_words_after_a_credentials_say_that_it_is_about_one() -> None:
    assert names.read("password_policy").others_after == 1
    assert names.read("token_url_path").others_after == 2
    assert names.read("password_production").others_after == 0


def test_words_before_a_credentials_say_that_it_is_something_else() -> None:
    another = [
        name for name in ("public_key", "next_page_token", "api_key", "token") if names.read(name).not_one_before
    ]
    assert another == ["public_key", "next_page_token"]
    assert names.read("hashed_secret").not_one_before
    assert names.read("SPREADSHEET_KEY").not_one_before
    assert not names.read("VAPID_PRIVATE_KEY").not_one_before


def test_key_alone_says_little() -> None:
    assert [name for name in ("key", "api_key", "my_key", "password_key") if names.read(name).bare] == ["key", "my_key"]


@pytest.mark.parametrize(
    "line",
    [
        f'password = "«{VALUE}»"',
        f"DB_PASSWORD=«{VALUE}»\n",
        f'"client_secret": "«{VALUE * 2}»",',
        f'api_key := "«{VALUE * 2}»"',
        f"'token' => '«{VALUE * 2}»',",
        f'let apiKey: String = "«{VALUE * 2}»"',
        f"postgres://app:«{VALUE}»@db.internal/x",
        f"Authorization: Basic «{b64encode(f'ada:{VALUE}'.encode()).decode()}»",
        f"<password>«{VALUE}»</password>",
        f"mysql --password=«{VALUE}»",
        f"The password on the production host is «{VALUE}» (do not change it).",
        f"das Passwort lautet `«{VALUE}»`",
        'db_password = "«Golden%@58»"',
        'password = "«monkey.brightness_77»"',
    ],
)
def test_a_random_value_is_a_secret_in_many_syntaxes(line: str) -> None:
    assert chance(line) >= 0.5


@pytest.mark.parametrize(
    "line",
    [
        'password = "«changeme»"',
        'password = "«your-password»"',
        'password = "«${DB_PASSWORD}»"',
        "password = «settings.password»",
        "token = «get_token»()",
        'password_policy = "«strict-2»"',
        'public_key = "«' + VALUE * 2 + '»"',
        "PublicKeyToken=«b77a5c56" + "1934e089»",
        'token = "«2026-01-02T03:04:05Z»"',
        'password = "«$2b$12$' + VALUE * 4 + '»"',
        f"postgres://app:«{VALUE}»@db.example.com/x",
        f"Authorization: Basic «{b64encode(b'user:password').decode()}»",
        "Authorization: Basic «not-base64-of-a-user»",
        f'name = "«{VALUE}»"',
        'secret = "«12345»"',
    ],
)
def test_what_only_looks_like_a_secret_is_none(line: str) -> None:
    assert chance(line) < 0.5


@pytest.mark.parametrize(
    "line",
    [
        'password: "«Passwort bestätigen»"',
        '"secret_key" = "«秘密鍵を入力してください»"',
        'password_hint: "«Das Passwort muss mindestens 10 Zeichen lang sein»"',
        "password_riddle: «riddle_121»",
        'token: "«Toegangssleutel»"',
        "Sec-WebSocket-Key: «dGhlIHNhbXBsZSBub25jZQ==»",
        '"GPG_KEY=«92DD815D96F6FE6D7B1D358607A4CECF28C246DC»"',
        "secret_arn: arn:aws:secretsmanager:eu-west-1:560284492776:secret:«shipping/db-NgdGgv»",
        'secret = connection("«catalogue_sftp9»").password',
        'TOKEN_RE = r"«^[A-Za-z0-9_]{40}$»"',
        'parameter.secret: "«#973343»"',
        'SECRET_CIPHER = "«aes-256-gcm»"',
        'SecretKeyFactory.getInstance("«PBKDF2WithHmacSHA256»")',
        "'secret' => '«nullable|max:258»'",
        "checksum/secret: «ee89f10341a87127643d38dc991ce5d164f80f4ffa9fbf5bdfe08a87cf4d6a49»",
        "vpc_key = «sg-04f607292e9369f83»",
        "  key: «gradle-b4963e067ae1dc89776431bfca4bca610c244e89»",
        'user-token "«v0.0.0-20230405120000-7276cbce823b»"',
        '"name": "pass", "«qty_x1»": 4',
        "Authorization: Bearer «mF_9.B5f-4.1JqM»",
        'aws_secret_access_key = "«wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY»"',
        'EMPTY_KEY = "«e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855»"',
        'key = unhexlify("«000102030405060708090a0b0c0d0e0f»")',
        'api_key = "«CCTAATCATGAAGTACCAATTCGG»"',
        'inchi = {"api_key": "«BSYNRYMUTXBXSQ-UHFFFAOYSA-N»"}',
        "const TOKEN = '«0x" + "5f" * 20 + "»'",
        "  password: «Y2hhbmdlbWU=»",
        "  password: «PGJhc2U2ND4=»",
        "$password = Sensitive(hiera('«shop_db7»'))",
        "adminPassword: vault.getSecret('«shop_db7»')",
    ],
)
def test_what_is_plainly_none_needs_no_weighing(line: str) -> None:
    assert chance(line) == 0


@pytest.mark.parametrize("unit", ["a=", '"', "x.", "((", "\\", "-", "a ", "<a ", "[", "token ", "key:", "é"])
def test_hostile_text_is_judged_quickly(unit: str) -> None:
    nasty = (unit * 2000)[:2000].encode()
    for text, start, end in (
        (nasty + b"password='x'", len(nasty) + 10, len(nasty) + 11),
        (b"password='" + nasty + b"'", 10, 10 + len(nasty)),
    ):
        assignment.chance(text, start, end)  # what was learned is read once
        took = []
        for _ in range(3):
            begun = time.process_time()
            assignment.chance(text, start, end)
            took.append(time.process_time() - begun)
        assert min(took) < 0.05


def test_what_was_learned_fits_the_numbers_that_describe_a_value() -> None:
    assert trees.NUMBERS == features.NAMES
    assert assignment.describe(f'password = "{VALUE}"'.encode(), 12, 24) is not None
    assert len(assignment.describe(f'password = "{VALUE}"'.encode(), 12, 24) or ()) == len(features.NAMES)


def test_what_was_learned_is_small() -> None:
    assert (FOLDER / "letters.bin").stat().st_size == 27**3
    assert (FOLDER / "trees.py").stat().st_size < 100_000
