"""The environment as settings."""

import pytest

from showreel.core.settings import Environment, SettingsError, Variable, settings


class Table(Environment):
    a_table = Variable(str, ge=3)


class Everything(Table):
    a_note = Variable(str, default="none")
    a_number = Variable(int, ge=1, le=60, default=5)
    a_policy = Variable({"charge": "charge", "void": "void"}.__getitem__)
    a_switch = Variable({"true": True, "false": False}.__getitem__, default=False)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    settings.cache_clear()
    monkeypatch.setenv("A_TABLE", "rows")
    monkeypatch.setenv("A_POLICY", "void")
    yield
    settings.cache_clear()


def test_defaults_hold_for_absent_variables():
    found = settings(Everything)
    assert (found.a_table, found.a_policy) == ("rows", "void")
    assert (found.a_note, found.a_number, found.a_switch) == ("none", 5, False)


def test_present_variables_are_read_as_their_types(monkeypatch):
    for name, value in {"A_NOTE": "", "A_NUMBER": "60", "A_SWITCH": "true"}.items():
        monkeypatch.setenv(name, value)
    found = settings(Everything)
    assert (found.a_note, found.a_number, found.a_switch) == ("", 60, True)


def test_a_missing_variable_is_named(monkeypatch):
    monkeypatch.delenv("A_TABLE")
    monkeypatch.delenv("A_POLICY")
    with pytest.raises(SettingsError, match="A_TABLE, A_POLICY missing or invalid"):
        settings(Everything)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("A_TABLE", "ro"),
        ("A_TABLE", ""),
        ("A_NUMBER", "0"),
        ("A_NUMBER", "61"),
        ("A_NUMBER", "many"),
        ("A_NUMBER", ""),
        ("A_POLICY", "free"),
        ("A_SWITCH", "perhaps"),
    ],
)
def test_a_bad_value_fails_the_start_with_the_variables_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f": {name} missing or invalid"):
        settings(Everything)


def test_settings_are_read_once(monkeypatch):
    settings(Table)
    monkeypatch.setenv("A_TABLE", "others")
    assert settings(Table).a_table == "rows"
