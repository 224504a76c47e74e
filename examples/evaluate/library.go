package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"math"
	"strings"
	"unicode"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

//go:embed facts.txt
var factsText string

//go:embed questions.jsonl
var questionsText string

var facts = strings.Split(strings.TrimSpace(factsText), "\n")

// questions is the dataset: one case a line, with the answer as its ground
// truth.
func questions(yield func(honeyhive.Datapoint[string], error) bool) {
	for lines := bufio.NewScanner(strings.NewReader(questionsText)); lines.Scan(); {
		var line struct{ Question, Answer string }
		err := json.Unmarshal(lines.Bytes(), &line)
		if !yield(honeyhive.Datapoint[string]{Input: line.Question, GroundTruth: line.Answer}, err) {
			return
		}
	}
}

// correct asks whether the answer contains what it should.
func correct(_ context.Context, output string, dp honeyhive.Datapoint[string]) (honeyhive.Score, error) {
	want, err := honeyhive.GroundTruthAs[string](dp)
	if err != nil {
		return honeyhive.Score{}, err
	}
	ok := strings.Contains(" "+strings.Join(words(output), " ")+" ", " "+strings.Join(words(want), " ")+" ")
	return honeyhive.PassFail(ok, "the answer should mention "+want), nil
}

// concise is the part of the answer's words that were asked for: those of the
// question and of the right answer.
func concise(_ context.Context, output string, dp honeyhive.Datapoint[string]) (honeyhive.Score, error) {
	want, err := honeyhive.GroundTruthAs[string](dp)
	if err != nil {
		return honeyhive.Score{}, err
	}
	asked := make(map[string]bool)
	for _, w := range words(dp.Input + " " + want) {
		asked[w] = true
	}
	all, hits := words(output), 0
	for _, w := range all {
		if asked[w] {
			hits++
		}
	}
	return honeyhive.AtLeast(0.4, float64(hits)/math.Max(float64(len(all)), 1), ""), nil
}

// library answers a question with the fact that it ranks highest.
type library struct {
	rank func(question, fact []string) float64
}

func (l library) answer(ctx context.Context, tracer *honeyhive.Tracer, question string) (string, error) {
	return honeyhive.Trace(ctx, tracer, "retrieve", func(ctx context.Context) (string, error) {
		best, highest := "", math.Inf(-1)
		asked := words(question)
		for _, fact := range facts {
			if score := l.rank(asked, words(fact)); score > highest {
				best, highest = fact, score
			}
		}
		tracer.EnrichSpan(ctx, honeyhive.Metrics{"relevance": highest})
		return best, nil
	}, honeyhive.Inputs{"query": question}, honeyhive.RecordOutput())
}

// sharedWords counts the words of the question that the fact has.
func sharedWords(question, fact []string) float64 {
	n := 0.0
	for _, w := range question {
		for _, f := range fact {
			if w == f {
				n++
				break
			}
		}
	}
	return n
}

// rareWords weighs shared words by how few facts have them, and prefers
// shorter facts.
func rareWords(question, fact []string) float64 {
	sum := 0.0
	for _, w := range question {
		for _, f := range fact {
			if w == f {
				sum += math.Log(float64(len(facts)) / float64(frequency[w]))
				break
			}
		}
	}
	return sum / math.Sqrt(float64(len(fact)))
}

// frequency is how many facts have a word.
var frequency = func() map[string]int {
	n := make(map[string]int)
	for _, fact := range facts {
		seen := make(map[string]bool)
		for _, w := range words(fact) {
			if !seen[w] {
				n[w]++
			}
			seen[w] = true
		}
	}
	return n
}()

// words splits a text into words, in small letters.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
