"""The right lines are those of influxdata's and QuestDB's own pages."""
from double_cases import Vendor
from doubles.auth import basic
from doubles.influx import Influx2, Influx3, InfluxCloudFree, InfluxServerless, QuestDb

NOW = 1641024000 + 3600
# docs.influxdata.com, "Get started writing data": home,room=… temp=21.1,hum=35.9,co=0i 1641024000, here with ms
HOME = b"home,room=Living\\ Room temp=21.1,hum=35.9,co=0i 1641024000000\nhome,room=Kitchen temp=21.0,hum=35.9,co=0i 1641024000000\n"
KEEPS = [(f"home.{field}", {"room": room}, 1641024000000, value) for room, values in
         (("Living Room", (21.1, 35.9, 0.0)), ("Kitchen", (21.0, 35.9, 0.0))) for field, value in zip(("temp", "hum", "co"),
                                                                                                      values)]


def line(text, stamp=" 1641024000000\n"):
    return {"body": (text + stamp).encode()}


BAD_LINES = {
    "NaN": line("m value=NaN"), "infinity": line("m value=+Inf"), "an empty tag value": line("m,a= value=1"),
    "no field": line("m,a=b"),
    "an unescaped space": line("m,a=b c value=1"), "an unescaped comma": line("m,a=b,c value=1"),
    "no timestamp": line("m value=1", "\n"),
    "a string": line('m value="1"'), "a tag twice": line("m,a=1,a=2 value=1"), "a reserved name": line("_m value=1"),
    "seconds for milliseconds": line("m value=1", " 1641024000\n"), "an integer too large": line("m value=9223372036854775808i"),
}


def v2(path):
    return "/api/v2/write?" + path


TOKEN = {"headers": {"Authorization": "Token s3cret", "Content-Type": "text/plain; charset=utf-8"}, "body": HOME}
V2 = {
    "another token": (401, {"headers": {"Authorization": "Token other"}}), "bearer": (401,
        {"headers": {"Authorization": "Bearer s3cret"}}),
    "no such bucket": (404, {"path": v2("org=home&bucket=other&precision=ms")}), "no such org": (404,
        {"path": v2("org=away&bucket=pi&precision=ms")}),
    "v3's word": (400, {"path": v2("org=home&bucket=pi&precision=millisecond")}), "v1's parameter": (400,
        {"path": v2("org=home&bucket=pi&precision=ms&db=pi")}),
    "JSON": (415, {"headers": {"Content-Type": "application/json"}}),
}
V3 = "/api/v3/write_lp?"
CASES = {
    "Influx2": Vendor(Influx2, TOKEN, KEEPS, 204, now=NOW, codes={"not a body": 400}, wrong={
        **V2, **{what: (400, change) for what, change in BAD_LINES.items()},
        "another type": (422, line("home,room=Kitchen temp=21i"))}),
    "InfluxCloudFree": Vendor(InfluxCloudFree, TOKEN, KEEPS, 204, now=NOW, wrong={
        **V2, "NaN": (400, BAD_LINES["NaN"]), "older than the bucket": (422, line("m value=1", " 1500000000000\n"))}),
    "InfluxServerless": Vendor(InfluxServerless, TOKEN, KEEPS, 204, now=NOW, wrong={
        **V2, **{what: (400, change) for what, change in BAD_LINES.items()}, "another type": (400,
        line("home,room=Kitchen temp=21i"))}),
    "Influx3": Vendor(Influx3, {**TOKEN, "headers": {"Authorization": "Bearer s3cret", "Content-Type": "text/plain"}}, KEEPS, 204,
                      now=NOW, wrong={
        **{what: (400, change) for what, change in BAD_LINES.items()}, "another type": (400, line("home,room=Kitchen temp=21i")),
        "Token": (401, {"headers": {"Authorization": "Token s3cret"}}), "v2's word": (400, {"path": V3 + "db=pi&precision=ms"}),
        "no database": (400, {"path": V3 + "precision=millisecond"}), "a bucket": (400,
        {"path": V3 + "db=pi&bucket=pi&precision=millisecond"})}),
    "QuestDb": Vendor(QuestDb, {"headers": {"Authorization": basic("admin", "s3cret"), "Content-Type": "text/plain"},
                                # questdb.io, ILP: trades,symbol=ETH-USD,side=sell price=2615.54,amount=0.00044 …
                                "body": b"trades,symbol=ETH-USD,side=sell price=2615.54,amount=0.00044 1646762637609\n"},
                      [(f"trades.{field}", {"symbol": "ETH-USD", "side": "sell"}, 1646762637609, value) for field, value in
                       (("price", 2615.54), ("amount", 0.00044))], 204, now=1646762638, wrong={
        **{what: (400, change) for what, change in BAD_LINES.items()}, "a colon in a table's name": (400,
                                                                                                     line("node:load value=1")),
        "a dot in a column's name": (400, line("node,a.b=c value=1")), "a name too long": (400, line("m" * 128 + " value=1")),
        "another type": (400, line("trades,symbol=ETH-USD price=1i", " 1646762637610\n")),
        "another password": (401, {"headers": {"Authorization": basic("admin", "other")}})}),
}
