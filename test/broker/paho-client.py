"""A device and a listener as people write them with Eclipse Paho: told by the test which protocol to speak.

Prints one JSON object: what arrived, in order, and how the sessions and wills went.
"""
import json
import sys
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

port, protocol = int(sys.argv[1]), {"3.1": mqtt.MQTTv31, "3.1.1": mqtt.MQTTv311, "5": mqtt.MQTTv5}[sys.argv[2]]
V5 = protocol == mqtt.MQTTv5
MESSAGES = 50


def client(client_id, keep_session=False):
    if V5:
        return mqtt.Client(client_id, protocol=protocol)
    return mqtt.Client(client_id, clean_session=not keep_session, protocol=protocol)


def connect(one, keep_session=False):
    """Connects, starts the network thread, and gives back whether a session was there."""
    ready, present = threading.Event(), []

    def on_connect(_client, _data, flags, _code, _properties=None):
        present.append(flags["session present"])
        ready.set()

    one.on_connect = on_connect
    options = {}
    if V5:
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = 3600 if keep_session else 0
        options = {"clean_start": False, "properties": properties}
    one.connect("127.0.0.1", port, keepalive=30, **options)
    one.loop_start()
    assert ready.wait(30), "no CONNACK"
    return bool(present[0])


def subscribe(one, topic, qos):
    done = threading.Event()
    one.on_subscribe = lambda *_: done.set()
    one.subscribe(topic, qos)
    assert done.wait(30), "no SUBACK"


def hear(one, count):
    """Collects messages as [topic, payload, qos, retain]; the event is set when there are so many."""
    heard, enough = [], threading.Event()

    def on_message(_client, _data, message):
        heard.append([message.topic, message.payload.decode(), message.qos, bool(message.retain)])
        if len(heard) >= count:
            enough.set()

    one.on_message = on_message
    return heard, enough


told = {}

# Messages of each QoS, each kind in order.
listener, talker = client("listener"), client("talker")
heard, enough = hear(listener, 3 * MESSAGES)
connect(listener)
subscribe(listener, "talk/#", 2)
connect(talker)
for qos in (0, 1, 2):
    for number in range(MESSAGES):
        sent = talker.publish(f"talk/{qos}", f"{number}", qos)
    sent.wait_for_publish(30)
assert enough.wait(30), f"only {len(heard)} messages"
told["heard"] = {qos: [int(payload) for _, payload, at, _ in heard if at == qos] for qos in (0, 1, 2)}

# A retained message comes to whoever subscribes later.
talker.publish("state/lamp", "on", 1, retain=True).wait_for_publish(30)
late = client("late")
kept, came = hear(late, 1)
connect(late)
subscribe(late, "state/+", 1)
assert came.wait(30), "no retained message"
told["retained"] = kept[0]

# What is published while a client with a session is away waits for it.
away = client("away", keep_session=True)
told["present_first"] = connect(away, keep_session=True)
subscribe(away, "mail/#", 1)
away.disconnect()
away.loop_stop()
for number in range(3):
    talker.publish("mail/box", f"{number}", 1).wait_for_publish(30)
back = client("away", keep_session=True)
mail, all_mail = hear(back, 3)
told["present_again"] = connect(back, keep_session=True)
assert all_mail.wait(30), f"only {len(mail)} letters"
told["mail"] = [payload for _, payload, _, _ in mail]

# A will speaks when the connection breaks off.
mortal = client("mortal")
mortal.will_set("will/mortal", "gone", 1)
connect(mortal)
wills, willed = hear(listener, 1)
subscribe(listener, "will/#", 1)
mortal._sock_close()
mortal.loop_stop()
assert willed.wait(30), "no will"
told["will"] = wills[0]

print(json.dumps(told))
