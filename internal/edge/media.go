package edge

import (
	"mime"
	"strconv"
	"strings"
)

// mediaType is one of the two an answer can have.
type mediaType int

const (
	applicationJSON mediaType = iota
	graphqlResponseJSON
)

func (m mediaType) name() string {
	if m == graphqlResponseJSON {
		return "application/graphql-response+json"
	}
	return "application/json"
}

// liking is how much an Accept header likes a media type, by the most specific
// of its ranges that covers the type.
type liking struct {
	q           float64
	specificity int // of that range: 3 names the type, 2 is application/*, 1 is */*, 0 there is none
	position    int // of that range in the header
}

// more reports whether a is liked more than b: by quality, then by how exactly
// it is named, then by which is named first.
func (a liking) more(b liking) bool {
	switch {
	case a.q != b.q:
		return a.q > b.q
	case a.specificity != b.specificity:
		return a.specificity > b.specificity
	default:
		return a.position < b.position
	}
}

// negotiate picks the media type that an Accept header likes more, which is
// application/json if it does not care. It reports false if it takes neither.
func negotiate(accept []string) (mediaType, bool) {
	header := strings.Join(accept, ",")
	switch header {
	case "", "*/*", "application/json":
		return applicationJSON, true
	case "application/graphql-response+json":
		return graphqlResponseJSON, true
	}
	var likings [2]liking
	for i, part := range strings.Split(header, ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		for media := range likings {
			s := covers(name, mediaType(media))
			if s > likings[media].specificity {
				likings[media] = liking{quality(params), s, i}
			}
		}
	}
	best := applicationJSON
	if likings[graphqlResponseJSON].more(likings[applicationJSON]) {
		best = graphqlResponseJSON
	}
	return best, likings[best].q > 0
}

// covers returns how specifically a range of an Accept header matches m.
func covers(name string, m mediaType) int {
	switch name {
	case m.name():
		return 3
	case "application/*":
		return 2
	case "*/*":
		return 1
	}
	return 0
}

// quality is the q of a range: 1 if it has none, 0 if it is no number.
func quality(params map[string]string) float64 {
	text, ok := params["q"]
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(text, 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 0
	}
	return q
}
