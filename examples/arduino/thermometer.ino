// A thermometer on an ESP8266 or ESP32 that the hub can miss: it says that it is there, leaves a last will that says when it is
// not, and publishes a reading a minute. Libraries: "MQTT" by Joël Gähwiler (it can send QoS 1), "DallasTemperature".

#include <DallasTemperature.h>
#include <MQTT.h>
#include <OneWire.h>
#ifdef ESP8266
#include <ESP8266WiFi.h>
#else
#include <WiFi.h>
#endif

const char WIFI[] = "your network", WIFI_PASSWORD[] = "its password";
const char HUB[] = "192.168.1.10";               // the machine that runs vigie
const char ID[] = "thermometer-cellar";          // the client id: another one for each device
const char USER[] = "thermometers", PASSWORD[] = "…";  // vigie user add thermometers
const char STATUS[] = "thermometers/cellar/status", CELSIUS[] = "thermometers/cellar/celsius";
const unsigned long EVERY_MS = 60000;

WiFiClient net;
MQTTClient mqtt;
OneWire wire(4);
DallasTemperature sensor(&wire);
unsigned long readAt = 0;

void come() {
  while (WiFi.status() != WL_CONNECTED || !mqtt.connect(ID, USER, PASSWORD)) delay(1000);
  mqtt.publish(STATUS, "online", true, 1);       // retained: who asks later is told, too
}

void setup() {
  sensor.begin();
  WiFi.begin(WIFI, WIFI_PASSWORD);
  mqtt.begin(HUB, net);
  mqtt.setKeepAlive(30);                         // without a word for 45 s, the hub publishes the will
  mqtt.setWill(STATUS, "offline", true, 1);
}

void loop() {
  if (!mqtt.connected()) come();
  mqtt.loop();
  if (readAt != 0 && millis() - readAt < EVERY_MS) return;
  readAt = millis();
  sensor.requestTemperatures();
  mqtt.publish(CELSIUS, String(sensor.getTempCByIndex(0)), false, 1);
}
