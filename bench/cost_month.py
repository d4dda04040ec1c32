"""What a stack costs in a month in which nobody uses it, counted from the template."""

from typing import Any

from bench.cost_prices import GB, Bill, PriceList, bill, scaled
from bench.cost_scenarios import IDLE_ROUNDS, Section
from local.template import Template

MONTHLY = {
    "AWS::SecretsManager::Secret": ("Secrets", "secret_month"),
    "AWS::CloudWatch::Alarm": ("Alarms", "alarm_month"),
    "AWS::CloudWatch::CompositeAlarm": ("Alarms", "composite_alarm_month"),
    "AWS::CloudWatch::Dashboard": ("Dashboards", "dashboard_month"),
    "AWS::KMS::Key": ("KMS", "kms_key_month"),
    "AWS::WAFv2::WebACL": ("WAF", "web_acl_month"),
}
"""Resources that cost by being there: the line and the price."""
TABLE = "AWS::DynamoDB::Table"
LOOPS_PER_HOUR = 60


def idle_month(template: Template, loop: Section, prices: PriceList, architecture: str) -> Bill:
    """A month of the every-minute loop and of what the template keeps.

    A loop that runs every minute stays warm. Tables and the bucket are taken as empty.
    """
    loops = prices.assumed("hours_per_month") * LOOPS_PER_HOUR
    total = scaled(bill(loop.counts, prices, architecture), loops / IDLE_ROUNDS)
    for kind, (line, price) in MONTHLY.items():
        for properties in template.of_type(kind).values():
            dollars = prices.price(price) * _metrics(properties)
            if kind == "AWS::WAFv2::WebACL":
                rules = len(properties.get("Rules", []))
                dollars += rules * prices.price("web_acl_rule_month")
            total[line] = total.get(line, 0.0) + dollars
    total["KMS"] = total.get("KMS", 0.0) + _key_requests(template, prices)
    return total


def _metrics(alarm: dict[str, Any]) -> int:
    """How many metrics an alarm watches: each is billed. One for anything else."""
    return max(1, sum("MetricStat" in query for query in alarm.get("Metrics", [])))


def _key_requests(template: Template, prices: PriceList) -> float:
    """Tables under the key `aws/dynamodb` ask KMS every five minutes while they are used.

    All of them are counted, though the loop uses few.
    """
    hours = prices.assumed("hours_per_month")
    periods = hours * 3600 / prices.assumed("key_cache_seconds")
    tables = template.of_type(TABLE).values()
    under_kms = sum(bool(t.get("SSESpecification", {}).get("SSEEnabled")) for t in tables)
    return under_kms * periods * prices.price("kms_request")


def resources(template: Template) -> str:
    """What was counted, in words."""
    counts = {kind: len(template.of_type(kind)) for kind in MONTHLY}
    return ", ".join(f"{n} {kind.rpartition('::')[2]}" for kind, n in counts.items() if n)


def stored_month(section: Section, prices: PriceList) -> float:
    """What a film's files and rows cost in its first month, its intermediates for their week."""
    share = prices.assumed("work_days") * 24 / prices.assumed("hours_per_month")
    objects = (section.kept_bytes + section.work_bytes * share) * prices.price("s3_gb_month")
    row_price = prices.price("dynamodb_gb_month") + prices.price("pitr_gb_month")
    return (objects + section.table_bytes * row_price) / GB
