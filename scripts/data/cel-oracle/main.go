// What Flux's own CEL says: the controllers' module, called as they call it. Reads one JSON request per line and answers each with one line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	celtypes "github.com/google/cel-go/common/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type request struct {
	// An expression over the top-level fields of the object, as health checks have it.
	Expression string
	Object     unstructured.Unstructured
	// With these two it is a readyExpr: compiled, must be bool.
	Ready bool
	Dep   unstructured.Unstructured
	// Instead of an expression: spec.healthCheckExprs, to be compiled as a whole.
	Checks []kustomize.CustomHealthCheck
	// Instead of those: one health check, to be evaluated.
	Health *kustomize.HealthCheckExpressions
}

type answer struct {
	// Why it could not be compiled.
	Invalid string `json:"invalid,omitempty"`
	// Why it could not be evaluated.
	Error string `json:"error,omitempty"`
	Value *bool  `json:"value,omitempty"`
	Word  string `json:"word,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	for lines.Scan() {
		var asked request
		check(unmarshal(lines.Bytes(), &asked))
		text, err := json.Marshal(answerTo(asked))
		check(err)
		fmt.Println(string(text))
	}
}

// Numbers of objects as the API machinery reads them.
func unmarshal(line []byte, asked *request) error {
	var raw struct {
		Expression string
		Object     json.RawMessage
		Ready      bool
		Dep        json.RawMessage
		Checks     []kustomize.CustomHealthCheck
		Health     *kustomize.HealthCheckExpressions
	}
	if err := json.Unmarshal(line, &raw); err != nil {
		return err
	}
	*asked = request{Expression: raw.Expression, Ready: raw.Ready, Checks: raw.Checks, Health: raw.Health}
	if len(raw.Object) > 0 {
		if err := asked.Object.UnmarshalJSON(raw.Object); err != nil {
			return err
		}
	}
	if len(raw.Dep) > 0 {
		return asked.Dep.UnmarshalJSON(raw.Dep)
	}
	return nil
}

func answerTo(asked request) answer {
	ctx := context.Background()
	if asked.Checks != nil {
		if _, err := cel.NewStatusReader(asked.Checks); err != nil {
			return answer{Invalid: err.Error()}
		}
		return answer{}
	}
	if asked.Health != nil {
		evaluator, err := cel.NewStatusEvaluator(asked.Health)
		if err != nil {
			return answer{Invalid: err.Error()}
		}
		result, err := evaluator.Evaluate(ctx, &asked.Object)
		if err != nil {
			return answer{Error: err.Error()}
		}
		return answer{Word: result.Status.String()}
	}
	var options []cel.Option
	data := asked.Object.Object
	if asked.Ready {
		options = []cel.Option{cel.WithCompile(), cel.WithOutputType(celtypes.BoolType), cel.WithStructVariables("self", "dep")}
		data = map[string]any{"self": asked.Object.Object, "dep": asked.Dep.Object}
	}
	expression, err := cel.NewExpression(asked.Expression, options...)
	if err != nil {
		return answer{Invalid: err.Error()}
	}
	value, err := expression.EvaluateBoolean(ctx, data)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Value: &value}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
