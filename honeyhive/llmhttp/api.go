package llmhttp

import (
	"net/http"
	"strings"
	"time"
)

// api is the protocol of one kind of call. What it reads comes from outside: a
// member may be missing or of any type.
type api interface {
	// request reads the body of a request and reports whether it is one of
	// this protocol.
	request(r *request, body fields) bool
	// response reads the body of an answer.
	response(a *answer, body fields)
	// event reads the data of an event of a stream, which is JSON if all is
	// well.
	event(a *answer, data []byte)
}

// apiOf returns the protocol that the path of a request stands for, or nil.
func apiOf(req *http.Request) api {
	if req.Method != http.MethodPost || req.URL == nil {
		return nil
	}
	path := strings.TrimRight(req.URL.Path, "/")
	last := path[strings.LastIndexByte(path, '/')+1:]
	switch {
	case strings.HasSuffix(path, "/chat/completions"):
		return openAIChat{}
	case last == "responses":
		return openAIResponses{}
	case last == "embeddings":
		return embeddings{}
	case last == "messages":
		return anthropic{}
	case strings.HasSuffix(last, ":generateContent"), strings.HasSuffix(last, ":streamGenerateContent"):
		return google{}
	}
	return nil
}

// The operations of the OpenTelemetry semantic conventions.
const (
	operationChat       = "chat"
	operationEmbeddings = "embeddings"
	operationGenerate   = "generate_content"
)

// request is what a span says of a request.
type request struct {
	path, host, port string
	truncated        bool

	operation    string
	protocol     string // the provider that it is the protocol of
	model        string
	stream       bool
	conversation string // its id
	messages     []message
	input        any // of embeddings
	settings     map[string]any
	tools        any
}

// answer is what a span says of an answer.
type answer struct {
	status      int
	requestID   string
	id, model   string
	choices     []choice
	usage       usage
	stream      bool
	complete    bool // all of it has come
	closedEarly bool
	truncated   bool
	firstToken  time.Duration // 0 where that is not known
	err         error
}

// choice is one of the answers of a model.
type choice struct {
	message
	finish string
}

// message is one of a conversation. Content is what JSON has: a text, or parts.
type message struct {
	role     string
	content  any
	toolID   string // of the tool call that it answers
	calls    []toolCall
	said     []byte // the content, put together from the pieces of a stream
	refusal  []byte
	thinking []byte
}

// contentOf returns the content of a message of parts: their text where all of
// them are texts, else the parts as they are shown.
func contentOf(text string, plain bool, parts []any) any {
	switch {
	case !plain:
		return parts
	case len(parts) > 0:
		return text
	}
	return nil
}

type toolCall struct {
	id, name  string
	arguments []byte // JSON, unless the model made a mistake
}

// usage counts tokens.
type usage struct {
	input, output, total, cached, cacheWrites, reasoning count
}

// count is a number that may not have been said.
type count struct {
	n    int64
	said bool
}

// set takes the number that a provider says, which may be of any type.
func (c *count) set(f fields, names ...string) {
	for _, name := range names {
		if n, ok := f.number(name); ok {
			*c = count{n, true}
			return
		}
	}
}

// spoken reports whether the model has said something.
func (a *answer) spoken() bool {
	for _, c := range a.choices {
		if c.content != nil || len(c.said)+len(c.refusal)+len(c.thinking)+len(c.calls) > 0 {
			return true
		}
	}
	return false
}

// maxPieces bounds the choices of an answer and the tool calls of a choice, whose
// numbers a stream says.
const maxPieces = 128

// choice returns the choice of that number, or nil for one out of bounds.
func (a *answer) choice(i int64) *choice {
	if i < 0 || i >= maxPieces {
		a.truncated = true
		return nil
	}
	for int64(len(a.choices)) <= i {
		a.choices = append(a.choices, choice{})
	}
	return &a.choices[i]
}

// call returns the tool call of that number, or nil for one out of bounds.
func (a *answer) call(c *choice, i int64) *toolCall {
	if i < 0 || i >= maxPieces {
		a.truncated = true
		return nil
	}
	for int64(len(c.calls)) <= i {
		c.calls = append(c.calls, toolCall{})
	}
	return &c.calls[i]
}

// add appends a piece of a stream to a text, which is bounded.
func (a *answer) add(text *[]byte, piece string) {
	before := len(*text)
	*text = appendBounded(*text, []byte(piece), MaxRecorded)
	a.truncated = a.truncated || len(*text)-before < len(piece)
}
