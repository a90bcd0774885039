package graph_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

// Queries of the kinds that dashboards send, over real HTTP on both sides. calls/op is counted by the sandbox.
func BenchmarkQuery(b *testing.B) {
	var all strings.Builder
	for i, name := range []string{"hostVideo", "participantsVideo", "joinBeforeHost", "audioType", "personalMeeting"} {
		all.WriteString(" a" + string(rune('0'+i)) + ": settings { scheduleMeeting { " + name + " } inMeeting { chat } }")
	}
	for _, bench := range []struct{ name, query string }{
		{"three settings", `{ user(id: "USER") { settings { scheduleMeeting { hostVideo } inMeeting { waitingRoom } recording { autoRecording } } } }`},
		{"whole tree", `{ user(id: "USER") { settings { emailNotification { jbhReminder cancelMeetingReminder } feature { largeMeeting meetingCapacity webinar zoomPhone }
			inMeeting { annotation autoSavingChat breakoutRoom chat closedCaption coHost dataCenterRegions e2eEncryption entryExitChime feedback groupHd polling privateChat waitingRoom }
			recording { autoDeleteCmr autoRecording cloudRecording localRecording recordingPasswordRequirement { haveLetter haveNumber length } saveChatText showTimestamp }
			scheduleMeeting { audioType hostVideo joinBeforeHost meetingPasswordRequirement { haveLetter length } participantsVideo } tsp { callOut showInternationalNumbersLink } } } }`},
		{"five aliases", `{ user(id: "USER") {` + all.String() + ` } }`},
		{"hundred users", `{ users(first: 100) { nodes { id settings { scheduleMeeting { hostVideo } inMeeting { waitingRoom } } } } }`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s := setup(b, sandbox.Config{})
			body, err := json.Marshal(map[string]string{"query": s.fill(bench.query)})
			if err != nil {
				b.Fatal(err)
			}
			s.must(bench.query)
			s.calls()
			b.ReportAllocs()
			for b.Loop() {
				req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, s.url, bytes.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				req.Header.Set("Content-Type", "application/json")
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
}
