package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
)

// What was packed with a dictionary can only be read with the very same one.
func TestDictionariesNeverChange(t *testing.T) {
	const want = "30dfbc086789bc2749583aa7bf8d60443a3d16c163b96ac76e1e5e52b25bcdde"
	if got := sha256.Sum256(dict1); hex.EncodeToString(got[:]) != want {
		t.Errorf("dict1 is now %x: add a new dictionary instead", got)
	}
}

func TestPackAndUnpack(t *testing.T) {
	for _, body := range []string{"", "x", sample, strings.Repeat(sample, 1000), string([]byte{0, 1, 2, 0xff, 0xfe})} {
		got, err := Unpack(Pack([]byte(body)))
		if err != nil || string(got) != body {
			t.Errorf("%d bytes came back as %d: %v", len(body), len(got), err)
		}
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(Pack([]byte(sample)))
	f.Add([]byte{zdict, 0x28, 0xb5, 0x2f, 0xfd})
	f.Add([]byte{9})
	f.Fuzz(func(t *testing.T, b []byte) {
		body, err := Unpack(b)
		if err != nil {
			return
		}
		again, err := Unpack(Pack(body))
		if err != nil || !bytes.Equal(again, body) {
			t.Fatalf("%d bytes came back as %d: %v", len(body), len(again), err)
		}
	})
}

const sample = `{"resourceType":"Observation","id":"o1","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}]}],"code":{"coding":[{"system":"http://snomed.info/sct","code":"75367002","display":"Blood pressure"}]},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-03-04T09:10:00Z","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic blood pressure"}]},"valueQuantity":{"value":132,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`

func BenchmarkPack(b *testing.B) {
	var packed []byte
	for b.Loop() {
		packed = Pack([]byte(sample))
	}
	b.ReportMetric(float64(len(sample)), "bytes-in")
	b.ReportMetric(float64(len(packed)), "bytes-out")
}

func BenchmarkUnpack(b *testing.B) {
	packed := Pack([]byte(sample))
	for b.Loop() {
		if _, err := Unpack(packed); err != nil {
			b.Fatal(err)
		}
	}
}
