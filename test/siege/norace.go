//go:build !race

package siege

const raceDetector = false
