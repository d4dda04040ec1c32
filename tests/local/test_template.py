"""The template's intrinsic functions, conditions and Globals."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from local.template import Template, TemplateError, load_yaml

PSEUDO = {"AWS::Region": "here", "AWS::StackName": "film"}


def template(tmp_path: Path, **sections: Any) -> Template:
    path = tmp_path / "template.yaml"
    path.write_text(yaml.safe_dump(sections))
    names = {("Thing", None): "thing-1", ("Thing", "Arn"): "arn:thing"}
    return Template(path, {"Given": "x"}, PSEUDO, lambda name, part: names[name, part])


PARAMETERS = {
    "Given": {"Type": "String"},
    "List": {"Type": "CommaDelimitedList", "Default": "a, b"},
    "Flag": {"Type": "String", "Default": True},
}


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"Ref": "Given"}, "x"),
        ({"Ref": "AWS::Region"}, "here"),
        ({"Ref": "Thing"}, "thing-1"),
        ({"Fn::GetAtt": ["Thing", "Arn"]}, "arn:thing"),
        (
            {"Fn::Sub": "${AWS::StackName}-${Given}-${Thing.Arn}-${!Kept}"},
            "film-x-arn:thing-${Kept}",
        ),
        ({"Fn::Sub": ["${A}${Given}", {"A": {"Ref": "Thing"}}]}, "thing-1x"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Given"}]]}, "a-x"),
        ({"Fn::Select": [1, {"Ref": "List"}]}, "b"),
        ({"Fn::Split": ["/", "a/b"]}, ["a", "b"]),
        ({"Fn::FindInMap": ["Map", {"Ref": "AWS::Region"}, "n"]}, 3),
        ({"Fn::If": ["Yes", "then", {"Ref": "Nobody"}]}, "then"),
        ({"Fn::If": [{"Condition": "No"}, {"Ref": "Nobody"}, "else"]}, "else"),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [1, {"Ref": "AWS::NoValue"}]}, {"b": [1]}),
        ({"Fn::ToJsonString": {"a": {"Ref": "Given"}}}, '{"a": "x"}'),
    ],
)
def test_intrinsics(tmp_path: Path, node: Any, expected: Any) -> None:
    made = template(
        tmp_path,
        Parameters=PARAMETERS,
        Mappings={"Map": {"here": {"n": 3}}},
        Conditions={
            "Yes": {"Fn::Equals": [{"Ref": "Given"}, "x"]},
            "No": {"Fn::And": [{"Condition": "Yes"}, {"Fn::Not": [{"Condition": "Yes"}]}]},
        },
        Resources={"Thing": {"Type": "AWS::S3::Bucket"}},
    )
    assert made.resolve(node) == expected


def test_a_resource_whose_condition_fails_is_not_there(tmp_path: Path) -> None:
    made = template(
        tmp_path,
        Parameters=PARAMETERS,
        Conditions={"Off": {"Fn::Or": [{"Fn::Equals": [{"Ref": "Flag"}, "false"]}]}},
        Resources={"Thing": {"Type": "AWS::S3::Bucket", "Condition": "Off"}},
    )
    assert made.of_type("AWS::S3::Bucket") == {}


def test_a_stranger_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="Nobody"):
        template(tmp_path, Parameters=PARAMETERS).resolve({"Ref": "Nobody"})


def test_a_parameter_without_a_value_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="Missing"):
        template(tmp_path, Parameters=PARAMETERS | {"Missing": {"Type": "String"}})


def test_short_forms_and_dates(tmp_path: Path) -> None:
    path = tmp_path / "short.yaml"
    path.write_text(
        "A: !GetAtt X.Arn.Part\nB: !Sub '${Y}'\nC: !Equals [a, !Ref b]\nV: 2012-10-17\n"
    )
    assert load_yaml(path) == {
        "A": {"Fn::GetAtt": ["X", "Arn.Part"]},
        "B": {"Fn::Sub": "${Y}"},
        "C": {"Fn::Equals": ["a", {"Ref": "b"}]},
        "V": "2012-10-17",
    }
