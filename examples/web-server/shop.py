# A synchronous page with an asynchronous hook, with nothing but Python's standard library. Try it with: python3 shop.py
#
#   POST /ID  item=tea&count=2           answers when the order is committed; the invoice comes later
#   POST /ID  item=tea&count=2&wait=30s  answers when the invoice is made, or after 30 seconds
#   GET  /EVENT                          what has become of an order

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, quote
from urllib.request import Request, urlopen

HUB = os.environ.get("VIGIE_HTTP", "http://127.0.0.1:7883")


def ask(method, path, body=None):
    request = Request(HUB + path, body, {"Content-Type": "application/json"}, method=method)
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refusal:
        return refusal.code, json.load(refusal)
    except (URLError, ConnectionError):
        return 503, {"error": "The hub does not answer: nothing was ordered."}


class Shop(BaseHTTPRequestHandler):
    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        order = {"item": form["item"][0], "count": int(form["count"][0])}
        wait = "?wait=" + quote(form["wait"][0]) if "wait" in form else ""
        self.tell(*ask("POST", "/publish/orders/" + quote(self.path[1:], safe="") + wait, json.dumps(order).encode()))

    def do_GET(self):
        self.tell(*ask("GET", "/api/events/" + quote(self.path[1:], safe="")))

    # 200: done. 202: taken, and the invoice will come. 504: taken, and not done yet. 503: the hub was not there.
    def tell(self, status, answer):
        body = json.dumps({
            "event": answer.get("event", answer.get("id")),
            "states": [run["state"] for run in answer.get("runs", [])],
            "error": answer.get("error"),
        })
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode())


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8000), Shop)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
