package graph_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zoomgraph/graph"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/store"
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

// BenchmarkCached is, for each executor, an operation that is answered from what is known, from the request's body to the answer's: a few
// settings, and the 72 that dashboards show of everybody. The document has no line breaks, as programs send it, or has
// them, as people write it.
func BenchmarkCached(b *testing.B) {
	const few = `query Few($id: ID!) { user(id: $id) { settings { scheduleMeeting { hostVideo } inMeeting { waitingRoom } recording { autoRecording } } } }`
	const many = `query Many($id: ID!) { user(id: $id) { settings {
		emailNotification { alternativeHostReminder cancelMeetingReminder jbhReminder scheduleForReminder }
		feature { cnMeeting inMeeting largeMeeting meetingCapacity webinar zoomPhone }
		inMeeting { allowLiveStreaming annotation attendeeOnHold autoSavingChat breakoutRoom chat closedCaption coHost customDataCenterRegions
			dataCenterRegions e2eEncryption entryExitChime farEndCameraControl feedback groupHd nonVerbalFeedback polling privateChat recordPlayVoice
			remoteControl remoteSupport showMeetingControlToolbar virtualBackground waitingRoom }
		recording { autoDeleteCmr autoRecording cloudRecording localRecording recordAudioFile recordGalleryView recordSpeakerView recordingAudioTranscript
			recordingPasswordRequirement { haveLetter haveNumber haveSpecialCharacter length onlyAllowNumeric } saveChatText showTimestamp }
		scheduleMeeting { audioType embedPasswordInJoinLink forcePmiJbhPassword hostVideo joinBeforeHost
			meetingPasswordRequirement { haveLetter haveNumber haveSpecialCharacter length onlyAllowNumeric } notStoreMeetingTopic participantsVideo
			pmiPassword pstnPasswordProtected requirePasswordForPmiMeetings requirePasswordForSchedulingNewMeetings usePmiForInstantMeetings
			usePmiForScheduledMeetings }
		telephony { audioConferenceInfo showInternationalNumbersLink thirdPartyAudio }
		tsp { callOut showInternationalNumbersLink } } } }`
	oneLine := strings.Join(strings.Fields(many), " ")
	for _, bench := range []struct{ name, query string }{{"leaves=3", few}, {"leaves=72", oneLine}, {"leaves=72-lines", many}} {
		for _, executor := range []graph.Executor{graph.ExecutorPlanned, graph.ExecutorGqlgen} {
			b.Run(bench.name+"/executor="+string(executor), func(b *testing.B) { benchmarkCached(b, bench.query, executor) })
		}
	}
}

func benchmarkCached(b *testing.B, query string, executor graph.Executor) {
	s := setup(b, sandbox.Config{}, keeping(b, store.Options{TTL: time.Hour, UsersTTL: time.Hour}), func(p *parts) { p.graph.Executor = executor })
	var bodies [][]byte
	for _, user := range s.users[:100] {
		body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]any{"id": user.ID}})
		if err != nil {
			b.Fatal(err)
		}
		bodies = append(bodies, body)
		s.ask(query, map[string]any{"id": user.ID})
	}
	s.calls()
	req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", nil)
	req.Header.Set("Content-Type", "application/json")
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		body := bodies[i%len(bodies)]
		i++
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		s.handler.ServeHTTP(nowhere{http.Header{}}, req)
	}
	if calls := s.calls(); len(calls) > 0 {
		b.Errorf("%d calls for what was known", len(calls))
	}
}

// nowhere is a response writer that keeps nothing.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) WriteHeader(int)               {}
