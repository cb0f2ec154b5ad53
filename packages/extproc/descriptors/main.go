// Command descriptors prints the numbers of the fields and enums that ext_proc messages reach, from the descriptors of
// go-control-plane: go run . > ../src/wire/fields.json
package main

import (
	"encoding/json"
	"fmt"
	"os"

	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/protobuf/reflect/protoreflect"
)

var visited = map[protoreflect.FullName]bool{}

type numbers map[string]map[string]int32

func (n numbers) message(m protoreflect.MessageDescriptor) {
	if visited[m.FullName()] {
		return
	}
	visited[m.FullName()] = true
	name := string(m.Name())
	if m.IsMapEntry() {
		name = "FieldsEntry" // every map has the same key and value
	}
	n[name] = map[string]int32{}
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		n[name][string(field.Name())] = int32(field.Number())
		if field.Message() != nil {
			n.message(field.Message())
		}
		if enum := field.Enum(); enum != nil && enum.Name() != "StatusCode" {
			n[string(enum.Name())] = map[string]int32{}
			for i := range enum.Values().Len() {
				value := enum.Values().Get(i)
				n[string(enum.Name())][string(value.Name())] = int32(value.Number())
			}
		}
	}
}

func main() {
	n := numbers{}
	n.message((&extprocv3.ProcessingRequest{}).ProtoReflect().Descriptor())
	n.message((&extprocv3.ProcessingResponse{}).ProtoReflect().Descriptor())
	text, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(string(text))
}
