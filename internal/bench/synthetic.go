package bench

import (
	"strconv"
	"time"
)

const patientSystem = "https://bench.example/patient"

type code struct{ code, display, unit string }

var codes = [...]code{
	{"8480-6", "Systolic blood pressure", "mm[Hg]"},
	{"8462-4", "Diastolic blood pressure", "mm[Hg]"},
	{"8867-4", "Heart rate", "/min"},
	{"8310-5", "Body temperature", "Cel"},
	{"29463-7", "Body weight", "kg"},
	{"8302-2", "Body height", "cm"},
	{"39156-5", "Body mass index", "kg/m2"},
	{"718-7", "Haemoglobin", "g/dL"},
}

var families = [...]string{"Ashdown", "Birkett", "Cotterill", "Dewhurst", "Entwistle", "Fairclough", "Garside", "Hebden"}

// appendPatient appends a synthetic patient of about 1.5 kB.
func appendPatient(b []byte, n int64) []byte {
	s := strconv.FormatInt(n, 10)
	family := families[n%int64(len(families))]
	b = append(b, `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>A synthetic patient, made to measure how fast a server works. Number `...)
	b = append(b, s...)
	b = append(b, `.</p></div>"},"identifier":[{"use":"usual","system":"`+patientSystem+`","value":"`...)
	b = append(b, s...)
	b = append(b, `"}],"active":true,"name":[{"use":"official","family":"`...)
	b = append(b, family...)
	b = append(b, `","given":["Synthetic`...)
	b = append(b, s...)
	b = append(b, `","Bench"],"prefix":["Mx"]}],"telecom":[{"system":"phone","value":"07700 900`...)
	b = append(b, strconv.FormatInt(100+n%900, 10)...)
	b = append(b, `","use":"mobile"},{"system":"email","value":"synthetic`...)
	b = append(b, s...)
	b = append(b, `@bench.example"}],"gender":"`...)
	b = append(b, [...]string{"male", "female", "other", "unknown"}[n%4]...)
	b = append(b, `","birthDate":"`...)
	b = time.Date(1930+int(n%90), time.Month(1+n%12), 1+int(n%28), 0, 0, 0, 0, time.UTC).AppendFormat(b, time.DateOnly)
	b = append(b, `","address":[{"use":"home","line":["`...)
	b = append(b, s...)
	b = append(b, ` Example Street","Bench End"],"city":"Exampleton","district":"Measureshire","postalCode":"ZZ99 3VZ","country":"GB"}],`+
		`"maritalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"S","display":"Never Married"}],"text":"Never Married"},`+
		`"contact":[{"relationship":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0131","code":"N","display":"Next-of-Kin"}]}],`+
		`"name":{"family":"`...)
	b = append(b, family...)
	b = append(b, `","given":["Kin"]},"telecom":[{"system":"phone","value":"01632 960001"}]}],`+
		`"communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"en-GB","display":"English (United Kingdom)"}],"text":"English"},"preferred":true}]`...)
	return append(b, '}')
}

// appendObservation appends a synthetic observation of about 1.3 kB.
func appendObservation(b []byte, n int64, patient string) []byte {
	c := codes[n%int64(len(codes))]
	at := time.Date(2015, 1, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(n%5_000_000) * time.Minute)
	b = append(b, `{"resourceType":"Observation","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>`...)
	b = append(b, c.display...)
	b = append(b, `, measured for a synthetic patient who does not exist, to find out how fast a server works.</p></div>"},"identifier":[{"system":"https://bench.example/observation","value":"`...)
	b = strconv.AppendInt(b, n, 10)
	b = append(b, `"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}],"text":"Vital Signs"}],`+
		`"code":{"coding":[{"system":"http://loinc.org","code":"`...)
	b = append(b, c.code...)
	b = append(b, `","display":"`...)
	b = append(b, c.display...)
	b = append(b, `"}],"text":"`...)
	b = append(b, c.display...)
	b = append(b, `"},"subject":{"reference":"`...)
	b = append(b, patient...)
	b = append(b, `"},"effectiveDateTime":"`...)
	b = at.AppendFormat(b, time.RFC3339)
	b = append(b, `","issued":"`...)
	b = at.Add(time.Hour).AppendFormat(b, time.RFC3339)
	b = append(b, `","performer":[{"display":"A synthetic nurse"}],"valueQuantity":{"value":`...)
	b = strconv.AppendInt(b, 40+n%140, 10)
	b = append(b, '.', byte('0'+n%10))
	b = append(b, `,"unit":"`...)
	b = append(b, c.unit...)
	b = append(b, `","system":"http://unitsofmeasure.org","code":"`...)
	b = append(b, c.unit...)
	b = append(b, `"},"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"N","display":"Normal"}],"text":"Normal"}],`+
		`"referenceRange":[{"low":{"value":40,"unit":"`...)
	b = append(b, c.unit...)
	b = append(b, `"},"high":{"value":180,"unit":"`...)
	b = append(b, c.unit...)
	return append(b, `"},"text":"Made up for the measurement"}]}`...)
}

// appendTransaction appends a Bundle of one patient and their observations.
func (w *worker) appendTransaction(b []byte) []byte {
	n := w.made.Add(int64(w.Bundle))
	urn := "urn:uuid:00000000-0000-4000-8000-" + pad12(n)
	b = append(b, `{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"`...)
	b = append(b, urn...)
	b = append(b, `","resource":`...)
	b = appendPatient(b, n)
	b = append(b, `,"request":{"method":"POST","url":"Patient"}}`...)
	for i := int64(1); i < int64(w.Bundle); i++ {
		b = append(b, `,{"resource":`...)
		b = appendObservation(b, n+i, urn)
		b = append(b, `,"request":{"method":"POST","url":"Observation"}}`...)
	}
	return append(b, `]}`...)
}

func pad12(n int64) string {
	s := strconv.FormatInt(n, 10)
	return "000000000000"[min(len(s), 12):] + s
}
