// A photoresistor and an LED on an Arduino with an Ethernet shield: it publishes how bright it is, and does what it is told.
// Library: "PubSubClient" by Nick O'Leary. Photoresistor between A0 and 5 V, 10 kΩ between A0 and GND, LED at pin 9.

#include <Ethernet.h>
#include <PubSubClient.h>

byte mac[] = { 0xDE, 0xED, 0xBA, 0xFE, 0xFE, 0xED };
const char HUB[] = "192.168.1.10";                     // the machine that runs vigie
const char ID[] = "light-hall";                        // the client id: another one for each board
const char STATUS[] = "house/hall/status";
const char LIGHT[] = "house/hall/light", LAMP[] = "house/hall/lamp";
const unsigned long EVERY_MS = 1000;

EthernetClient net;
PubSubClient mqtt(net);
unsigned long readAt = 0;

void told(char* topic, byte* payload, unsigned int length) {
  digitalWrite(9, length == 2 && payload[0] == 'o' && payload[1] == 'n' ? HIGH : LOW);
}

void come() {
  while (!mqtt.connect(ID, STATUS, 1, true, "offline")) delay(1000);
  mqtt.publish(STATUS, "online", true);
  mqtt.subscribe(LAMP);                                // the hub sends what is retained there at once
}

void setup() {
  pinMode(9, OUTPUT);
  Ethernet.begin(mac);
  mqtt.setServer(HUB, 1883);
  mqtt.setCallback(told);
}

void loop() {
  if (!mqtt.connected()) come();
  mqtt.loop();
  if (millis() - readAt < EVERY_MS) return;
  readAt = millis();
  char reading[5];
  itoa(analogRead(0), reading, 10);                    // 0 is dark, 1023 is bright
  mqtt.publish(LIGHT, reading);
}
