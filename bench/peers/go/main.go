// The closed loop through gorilla/websocket, as Go programs are written: one goroutine a connection. It counts messages and sends one
// buffer again and again: no ledger, no histogram, no look at the payload.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

type setup struct {
	Port, Connections, Window, Bytes int
	WarmupMs, WindowMs               float64
}

var received atomic.Int64

func echo(connection *websocket.Conn, payload []byte) {
	for {
		if _, _, err := connection.ReadMessage(); err != nil {
			log.Fatal(err)
		}
		received.Add(1)
		if err := connection.WriteMessage(websocket.BinaryMessage, payload); err != nil {
			log.Fatal(err)
		}
	}
}

func main() {
	log.SetFlags(0)
	var of setup
	if err := json.Unmarshal([]byte(os.Args[1]), &of); err != nil {
		log.Fatal(err)
	}
	payload := make([]byte, of.Bytes)
	url := fmt.Sprintf("ws://127.0.0.1:%d/echo", of.Port)
	connections := make([]*websocket.Conn, of.Connections)
	for i := range connections {
		connection, _, err := websocket.DefaultDialer.Dial(url, nil)
		if err != nil {
			log.Fatal(err)
		}
		connections[i] = connection
	}
	for _, connection := range connections {
		for i := 0; i < of.Window; i++ {
			if err := connection.WriteMessage(websocket.BinaryMessage, payload); err != nil {
				log.Fatal(err)
			}
		}
		go echo(connection, payload)
	}
	time.Sleep(time.Duration(of.WarmupMs * float64(time.Millisecond)))
	began, before := time.Now(), received.Load()
	time.Sleep(time.Duration(of.WindowMs * float64(time.Millisecond)))
	elapsed, after := time.Since(began), received.Load()
	fmt.Printf(`{"messages":%d,"elapsedNs":%d,"allMessages":%d}`+"\n", after-before, elapsed.Nanoseconds(), after)
}
