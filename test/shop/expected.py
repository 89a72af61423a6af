"""Computes the shop's models from the CSV files with pandas, and compares them with what a warehouse holds.

    expected.py PURCHASES.csv EVENTS.csv FOLDER

FOLDER has customers.csv, monthly_revenue.csv, browsing.csv and identities.csv, as exported from the warehouse. Prints a
JSON object: for each of them its rows, the expected ones, and how many values of each column differ.
"""

import json
import sys

import pandas as pd

AS_OF = pd.Timestamp("1998-07-01")


def main(purchases_file: str, events_file: str, folder: str) -> None:
    purchases = read_purchases(purchases_file)
    events = pd.read_csv(events_file, dtype=str, keep_default_na=False)
    owners = identities(events)
    expected = {
        "customers": customers(purchases),
        "monthly_revenue": monthly_revenue(purchases),
        "browsing": browsing(events, owners),
        "identities": owners,
    }
    report = {name: compare(frame, f"{folder}/{name}.csv") for name, frame in expected.items()}
    report["totals"] = {"rows": len(purchases), "cents": int(purchases["cents"].sum())}
    print(json.dumps(report))


def read_purchases(path: str) -> pd.DataFrame:
    purchases = pd.read_csv(path, dtype=str)
    return pd.DataFrame(
        {
            "customer_id": purchases["customer_id"],
            "day": pd.to_datetime(purchases["purchased_on"], format="%Y%m%d"),
            "discs": purchases["quantity"].astype(int),
            "cents": purchases["amount"].str.replace(".", "", regex=False).astype(int),
        }
    )


def customers(purchases: pd.DataFrame) -> pd.DataFrame:
    by_customer = purchases.groupby("customer_id")
    orders, cents = by_customer.size(), by_customer["cents"].sum()
    return pd.DataFrame(
        {
            "first_purchase_on": by_customer["day"].min().dt.strftime("%Y-%m-%d"),
            "last_purchase_on": by_customer["day"].max().dt.strftime("%Y-%m-%d"),
            "recency_days": (AS_OF - by_customer["day"].max()).dt.days,
            "orders": orders,
            "discs": by_customer["discs"].sum(),
            "lifetime_value": cents / 100,
            "average_order_value": cents / 100 / orders,
        }
    )


def monthly_revenue(purchases: pd.DataFrame) -> pd.DataFrame:
    by_month = purchases.groupby(purchases["day"].dt.strftime("%Y-%m-01").rename("month"))
    return pd.DataFrame(
        {
            "orders": by_month.size(),
            "customers": by_month["customer_id"].nunique(),
            "revenue": by_month["cents"].sum() / 100,
        }
    )


def identities(events: pd.DataFrame) -> pd.DataFrame:
    logins = events[events["user_id"] != ""].groupby("domain_userid")
    seen = events.groupby("domain_userid")["derived_tstamp"].min()
    return pd.DataFrame({"customer_id": logins["user_id"].last(), "first_seen_at": seen}).dropna()


def browsing(events: pd.DataFrame, owners: pd.DataFrame) -> pd.DataFrame:
    """Walks through each customer's events, where the model groups and ranks."""
    once = events.drop_duplicates("event_id").copy()
    once["customer_id"] = once["domain_userid"].map(owners["customer_id"])
    known = once.dropna(subset=["customer_id"]).sort_values("derived_tstamp", kind="stable")
    since = (AS_OF - pd.Timedelta(days=30)).strftime("%Y-%m-%d %H:%M:%S.%f")
    rows = {customer: walk(of_customer, since) for customer, of_customer in known.groupby("customer_id")}
    frame = pd.DataFrame.from_dict(
        rows, orient="index", columns=["sessions_30d", "abandoned_cart_30d", "favourite_genre"]
    )
    return frame.rename_axis("customer_id")


def walk(events: pd.DataFrame, since: str) -> tuple:
    sessions, cart, seen = set(), False, {}
    for event in events.itertuples():
        parts = event.page_urlpath.split("/")
        if parts[1] in ("genre", "album"):
            seen[parts[2]] = seen.get(parts[2], 0) + 1
        if event.derived_tstamp < since:
            continue
        sessions.add(event.domain_sessionid)
        if event.se_action in ("add_to_cart", "checkout"):
            cart = True
        elif event.event == "transaction":
            cart = False
    favourite = min(seen, key=lambda genre: (-seen[genre], genre)) if seen else None
    return len(sessions), cart, favourite


def compare(expected: pd.DataFrame, path: str) -> dict:
    actual = pd.read_csv(path, dtype=str, keep_default_na=False).set_index(expected.index.name)
    common = expected.index.intersection(actual.index)
    return {
        "rows": len(actual),
        "expected": len(expected),
        "in_both": len(common),
        "different": {
            column: int((expected.loc[common, column].map(text) != actual.loc[common, column].map(text)).sum())
            for column in expected
        },
    }


def text(value: object) -> str:
    """One form for the same value, whichever warehouse wrote it."""
    if value is None or value != value:
        return ""
    word = {"true": "true", "t": "true", "false": "false", "f": "false"}.get(str(value).lower())
    if word is not None:
        return word
    try:
        return repr(float(value))
    except ValueError:
        return str(pd.Timestamp(value)) if ":" in str(value) else str(value)


main(*sys.argv[1:])
