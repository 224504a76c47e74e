// Package llmhttp traces the calls of model APIs that an HTTP client makes,
// whatever library makes them: give its *http.Client a transport of this
// package.
//
//	client := openai.NewClient(option.WithHTTPClient(&http.Client{Transport: llmhttp.NewTransport(nil)}))
//
// It knows the chat completions, responses and embeddings of OpenAI and of the
// servers that speak its protocol, Anthropic's messages, and Google's
// generateContent and streamGenerateContent, by the path of a request and the
// shape of its body. Every other request passes as if the transport were not
// there.
//
// The bytes of a request and of its answer reach the other side unchanged and
// as they come. What is read for the record is bounded by [MaxRecorded]; a span
// whose record was cut says so in the metadata "truncated".
//
// A span records model and provider as config, the conversation as inputs, the
// answer as outputs, and tokens and reasons to finish as metadata, where
// HoneyHive shows them, and the same by the OpenTelemetry semantic conventions
// for generative AI.
package llmhttp
