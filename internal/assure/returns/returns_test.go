package returns_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"heartwood/internal/assure/returns"
	"heartwood/internal/care"
	"heartwood/internal/care/request"
	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/memory"
	"heartwood/internal/view/diary"
	"heartwood/internal/view/measure"
	"heartwood/internal/words"
)

var ctx = context.Background()

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type surgery struct {
	t     *testing.T
	store *record.Store
	p     *record.Practice
	clock atomic.Int64
}

func at(s string) time.Time {
	m, err := time.ParseInLocation("2006-01-02 15:04", s, words.London)
	if err != nil {
		panic(err)
	}
	return m
}

func (s *surgery) put(by record.Author, typ, id, body string) {
	s.t.Helper()
	w, err := record.Prepare(ident.Ref{Type: typ, ID: id}, []byte(body))
	must(s.t, err)
	_, err = s.p.Commit(ctx, record.Change{Author: by, Reason: "test", Writes: []record.Write{w}})
	must(s.t, err)
}

// open is a practice with two patients and a busy week from Monday 2 November
// 2026: every secret is somewhere in its record.
func open(t *testing.T) *surgery {
	s := &surgery{t: t}
	s.store = memory.Open(t, func() time.Time { return time.Unix(0, s.clock.Load()) })
	p, err := s.store.Practice("Z99901")
	must(t, err)
	s.p = p
	s.now("2026-11-01 12:00")
	s.put(record.System, "Organization", "QZ9", `{"resourceType":"Organization","identifier":[{"value":"QZ9"}],"name":"NHS Wealdmarsh ICB","type":[{"coding":[{"code":"RO318"}]}]}`)
	s.put(record.System, "Organization", "U90001", `{"resourceType":"Organization","identifier":[{"value":"U90001"}],"name":"Meadows PCN","type":[{"coding":[{"code":"RO272"}]}],"partOf":{"reference":"Organization/QZ9"}}`)
	s.put(record.System, "Organization", "Z99901", `{"resourceType":"Organization","identifier":[{"value":"Z99901"}],"name":"Alderbrook, Lane Surgery","type":[{"coding":[{"code":"RO76"}]}],"partOf":{"reference":"Organization/U90001"}}`)
	s.put(record.System, "PractitionerRole", "r1", `{"resourceType":"PractitionerRole","practitioner":{"reference":"Practitioner/gp"},"code":[{"text":"GP"}]}`)
	for i, name := range []string{"Zebediah", "Wilhelmina"} {
		s.put(record.System, "Patient", fmt.Sprint("patient-", i), fmt.Sprintf(`{"resourceType":"Patient","active":true,"gender":"female","birthDate":"1950-05-1%d",
			"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"999000002%d"}],
			"name":[{"family":"Quillfeather","given":["%s"]}],"telecom":[{"system":"phone","value":"07700 90012%d"},{"system":"email","value":"z@patient.example.org"}],
			"address":[{"line":["%d Ember Close"],"postalCode":"HW3 2KA"}]}`, i, 5+i, name, i, i))
	}
	svc := request.New(s.store)
	nav := record.Author{Ref: "Practitioner/n", Role: care.RoleNavigator}
	kinds := []request.Kind{request.NewProblem, request.Admin, request.Medicine, request.FitNote}
	for i := range 12 {
		s.now(fmt.Sprintf("2026-11-%02d %02d:%02d", 2+i%7, 7+i, i))
		by, ch, asker := record.Author{Ref: fmt.Sprint("Patient/patient-", i%2), Role: "patient", For: fmt.Sprint("Patient/patient-", i%2)}, request.Web, request.Self
		if i%4 == 3 {
			by, ch, asker = nav, request.Phone, request.Staff
		}
		r, err := svc.Receive(ctx, "Z99901", by, request.Ask{
			Patient: fmt.Sprint("Patient/patient-", i%2), Asker: asker, Channel: ch, Kind: kinds[i%4], What: "Zebediah writes that his elbow hurts",
			Contact: request.Contact{How: "phone", Number: "07700 900129"},
		}, fmt.Sprint("k", i))
		must(t, err)
		if i%2 == 0 {
			s.now(fmt.Sprintf("2026-11-%02d %02d:50", 2+i%7, 7+i))
			_, err = svc.Do(ctx, "Z99901", nav, r.ID, "", request.Close{Outcome: request.AdviceGiven, Told: "Rest it, Zebediah."})
			must(t, err)
		}
	}
	for i, status := range []string{"fulfilled", "noshow", "booked", "cancelled"} {
		s.now("2026-11-03 09:00")
		body := `{"resourceType":"Appointment","status":%q,"created":"2026-11-03T09:00:00Z","start":"2026-11-0%dT10:00:00Z","end":"2026-11-0%dT10:10:00Z","serviceType":[{"text":"Routine"}],"description":"his elbow",
			"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel","valueCodeableConcept":{"coding":[{"code":"Video"}]}}],
			"participant":[{"actor":{"reference":"Practitioner/gp","display":"Dr Helen Marsh"},"status":"accepted"},{"actor":{"reference":"Patient/patient-0"},"status":"accepted"}]}`
		id := fmt.Sprint("a", i)
		patient := record.Author{Ref: "Patient/patient-0", Role: "patient"}
		s.put(patient, "Appointment", id, fmt.Sprintf(body, "booked", 3+i, 3+i))
		if status != "booked" {
			s.put(nav, "Appointment", id, fmt.Sprintf(body, status, 3+i, 3+i))
		}
	}
	s.now("2026-12-02 09:00")
	return s
}

func (s *surgery) now(when string) { s.clock.Store(at(when).UnixNano()) }

func (s *surgery) make(k returns.Kind, period string) returns.Return {
	s.t.Helper()
	b, err := measure.Read(ctx, s.p)
	must(s.t, err)
	r, err := returns.Make(ctx, s.store, s.p, b, k, period)
	must(s.t, err)
	return r
}

// rows are a CSV file's, by column.
func rows(t *testing.T, r returns.Return, name string) []map[string]string {
	t.Helper()
	for _, f := range r.Files {
		if !strings.HasSuffix(f.Name, "-"+name+".csv") {
			continue
		}
		all, err := csv.NewReader(bytes.NewReader(f.Body)).ReadAll()
		must(t, err)
		var out []map[string]string
		for _, row := range all[1:] {
			o := map[string]string{}
			for i, h := range all[0] {
				o[h] = row[i]
			}
			out = append(out, o)
		}
		if len(out) != f.Rows {
			t.Errorf("%s has %d rows, and says %d", f.Name, len(out), f.Rows)
		}
		return out
	}
	t.Fatalf("no file %s", name)
	return nil
}

func TestWeekly(t *testing.T) {
	s := open(t)
	r := s.make(returns.Weekly, "2026-11-05")
	if r.Period != "2026-11-02" || !r.Balanced() || len(r.Files) != 7 {
		t.Fatalf("%s, %d files, %+v", r.Period, len(r.Files), r.Checks)
	}
	if got := rows(t, r, "oc-practice"); got[0]["submissions"] != "9" || got[0]["clinical"] != "6" || got[0]["administrative"] != "3" || got[0]["periodEnd"] != "2026-11-08" {
		t.Errorf("%v", got)
	}
	records := rows(t, r, "oc-record")
	seen := map[string]bool{}
	for _, x := range records {
		seen[x["recordReference"]] = true
		if x["ageBand"] != "75 and over" || x["requester"] != "patient" || x["odsCode"] != "Z99901" {
			t.Errorf("%v", x)
		}
		if (x["status"] == "closed") != (x["closedAt"] != "" && x["outcome"] == "advice") {
			t.Errorf("%v", x)
		}
	}
	if len(records) != 9 || len(seen) != 9 {
		t.Errorf("%d records, %d references", len(records), len(seen))
	}
	sum := 0
	for _, x := range rows(t, r, "oc-aggregate") {
		n, err := strconv.Atoi(x["submissions"])
		must(t, err)
		sum += n
	}
	if sum != 9 {
		t.Errorf("the sums add up to %d", sum)
	}
	if got := rows(t, r, "vc-record"); len(got) != 3 || got[0]["professional"] != "GP" || got[0]["status"] != "Attended" || got[0]["plannedMinutes"] != "10" {
		t.Errorf("%v", got)
	}
	if got := rows(t, r, "incidents"); len(got) != 0 {
		t.Errorf("%v", got)
	}
	var doc map[string]any
	must(t, json.Unmarshal(r.Files[0].Body, &doc))
	for _, name := range []string{"incidents", "ocAggregate", "ocPractice", "ocRecord", "vcAggregate", "vcPractice", "vcRecord"} {
		if _, ok := doc[name].([]any); !ok {
			t.Errorf("the document has no %s", name)
		}
	}
}

func TestMonthly(t *testing.T) {
	s := open(t)
	r := s.make(returns.Monthly, "2026-11")
	if !r.Balanced() || len(r.Files) != 5 {
		t.Fatalf("%d files, %+v", len(r.Files), r.Checks)
	}
	got := map[string]string{}
	for _, x := range rows(t, r, "practice-measures") {
		got[x["METRIC"]] = x["VALUE"]
		if x["GP_NAME"] != "Alderbrook, Lane Surgery" || x["PCN_CODE"] != "U90001" || x["ICB_CODE"] != "QZ9" || x["MONTH"] != "2026-11-01" {
			t.Errorf("%v", x)
		}
	}
	for m, want := range map[string]string{"Submissions": "9", "Clinical": "6", "Administrative": "3", "Other/Unknown type": "0", "Registered Patient Count": "2", "Rate per 1,000 Registered Patients": "4500.0000", "Participation": "1"} {
		if got[m] != want {
			t.Errorf("%s is %q, not %q", m, got[m], want)
		}
	}
	times := rows(t, r, "day-and-time")
	if len(times) != 56 || times[1]["SUBMISSION_TIME"] != "06:00-07:59" || times[1]["VALUE"] != "1" {
		t.Errorf("%d: %v", len(times), times[1])
	}
	cross := rows(t, r, "appointments")
	want := map[string]string{"Attended": "Same Day", "DNA": "1 Day", "Unknown": "2 to 7 Days"}
	for _, x := range cross {
		if want[x["APPT_STATUS"]] != x["TIME_BETWEEN_BOOK_AND_APPT"] || x["APPT_MODE"] != "Video Conference/Online" || x["NATIONAL_CATEGORY"] != "Unmapped" || x["HCP_TYPE"] != "GP" || x["APPOINTMENT_MONTH_START_DATE"] != "01NOV2026" {
			t.Errorf("%v", x)
		}
	}
	if len(cross) != 3 {
		t.Errorf("%d rows", len(cross))
	}
	for _, x := range rows(t, r, "appointment-information") {
		want := map[string]string{"Appointments booked": "4", "Appointments booked online by the patient or a proxy": "4", "Appointments cancelled by the practice": "1", "Appointments, DNA": "1"}[x["MEASURE"]]
		if want != "" && x["VALUE"] != want {
			t.Errorf("%v, not %s", x, want)
		}
	}
}

// nhsNumber is ten digits, as they are written.
var nhsNumber = regexp.MustCompile(`\b\d{3}[ -]?\d{3}[ -]?\d{4}\b`)

// No file tells who anybody is.
func TestNobodyIsNamed(t *testing.T) {
	s := open(t)
	for _, r := range []returns.Return{s.make(returns.Weekly, "2026-11-05"), s.make(returns.Monthly, "2026-11")} {
		for _, f := range r.Files {
			body := string(f.Body)
			for _, secret := range []string{
				"Quillfeather", "Zebediah", "Wilhelmina", "999000002", "Ember Close", "HW3", "07700", "patient.example.org", "1950-05",
				"elbow", "patient-0", "patient-1", "HW-", "Rest it", "Helen Marsh", "Practitioner/",
			} {
				if strings.Contains(body, secret) {
					t.Errorf("%s has %q", f.Name, secret)
				}
			}
			if m := nhsNumber.FindString(body); m != "" {
				t.Errorf("%s has %q, which looks like an NHS number", f.Name, m)
			}
		}
	}
}

// A form that no request was made of is found, and named.
func TestADifferenceIsNamed(t *testing.T) {
	s := open(t)
	s.put(record.System, "QuestionnaireResponse", "lost", `{"resourceType":"QuestionnaireResponse","questionnaire":"https://heartwood.example/fhir/Questionnaire/request","status":"completed",
		"authored":"2026-11-04T09:00:00Z","identifier":{"system":"https://heartwood.example/fhir/reference","value":"HW-LOST"},"item":[{"linkId":"channel","answer":[{"valueCoding":{"code":"web"}}]}]}`)
	r := s.make(returns.Weekly, "2026-11-05")
	if r.Balanced() || r.Checks[0].Return != 9 || r.Checks[0].Other != 10 || !strings.Contains(strings.Join(r.Checks[0].Named, " "), "HW-LOST") {
		t.Errorf("%+v", r.Checks)
	}
}

func TestPeriods(t *testing.T) {
	now := at("2026-11-25 12:00") // a Wednesday
	for _, c := range []struct {
		kind     returns.Kind
		in, want string
		refused  bool
	}{
		{returns.Weekly, "", "2026-11-16", false},
		{returns.Weekly, "2026-11-22", "2026-11-16", false},
		{returns.Weekly, "2026-11-23", "", true},
		{returns.Monthly, "", "2026-10", false},
		{returns.Monthly, "2026-03", "2026-03", false},
		{returns.Monthly, "2026-11", "", true},
		{returns.Monthly, "2026-13", "", true},
		{returns.Weekly, "2026-02-30", "", true},
		{"yearly", "2026", "", true},
	} {
		_, got, err := returns.ParsePeriod(c.kind, c.in, now)
		if got != c.want || (err != nil) != c.refused {
			t.Errorf("%s %q: %q, %v", c.kind, c.in, got, err)
		}
	}
}

// What was produced is kept as it was, and producing it again keeps both.
func TestHistory(t *testing.T) {
	s := open(t)
	by := record.Author{Ref: "Practitioner/m", Role: care.RoleManager}
	r := s.make(returns.Weekly, "2026-11-05")
	must(t, returns.Keep(ctx, s.p, by, r))
	must(t, returns.Keep(ctx, s.p, by, r))
	must(t, returns.Keep(ctx, s.p, by, s.make(returns.Monthly, "2026-11")))
	all, err := returns.History(ctx, s.p)
	must(t, err)
	if len(all) != 2 || all[1].Kind != returns.Monthly && all[0].Kind != returns.Monthly || len(all[0].Files) == 0 || !all[0].Balanced || all[0].By != "Practitioner/m" {
		t.Fatalf("%+v", all)
	}
	f, err := returns.Open(ctx, s.p, returns.Weekly, "2026-11-02", r.Files[1].Name)
	if err != nil || !bytes.Equal(f.Body, r.Files[1].Body) {
		t.Errorf("%v", err)
	}
	if _, err := returns.Open(ctx, s.p, returns.Weekly, "2026-11-02", "../keys"); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	versions, err := s.p.History(ctx, ident.Ref{Type: "DocumentReference", ID: "return-weekly-2026-11-02"}, "", 10)
	if err != nil || len(versions) != 2 {
		t.Errorf("%d versions, %v", len(versions), err)
	}
}

// What the slot use says was available, booked and not used is what the diary
// has; what is blocked is not offered, and what was cancelled is not booked.
func TestSlotUseAgreesWithTheDiary(t *testing.T) {
	s := open(t)
	s.now("2026-11-01 12:00")
	s.put(record.System, "Schedule", "list", `{"resourceType":"Schedule","actor":[{"reference":"Practitioner/gp"}]}`)
	for i, status := range []string{"free", "free", "free", "busy-unavailable", "busy"} {
		s.put(record.System, "Slot", fmt.Sprint("s", i), fmt.Sprintf(`{"resourceType":"Slot","schedule":{"reference":"Schedule/list"},"status":%q,"start":"2026-11-09T1%d:00:00Z","end":"2026-11-09T1%d:10:00Z",
			"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel","valueCodeableConcept":{"coding":[{"code":"Video"}]}}]}`, status, i, i))
	}
	s.put(record.System, "Appointment", "b1", `{"resourceType":"Appointment","status":"booked","start":"2026-11-09T14:00:00Z","end":"2026-11-09T14:10:00Z","slot":[{"reference":"Slot/s4"}],
		"participant":[{"actor":{"reference":"Practitioner/gp"},"status":"accepted"},{"actor":{"reference":"Patient/patient-0"},"status":"accepted"}],
		"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeliveryChannel","valueCodeableConcept":{"coding":[{"code":"Video"}]}}]}`)
	s.now("2026-12-02 09:00")
	r := s.make(returns.Monthly, "2026-11")
	if !r.Balanced() {
		t.Errorf("%+v", r.Checks)
	}
	free, booked := 0, 0
	for from := at("2026-11-01 12:00"); from.Month() == time.November; from = from.AddDate(0, 0, 1) {
		d, err := diary.Read(ctx, s.p, diary.Query{From: from})
		must(t, err)
		for _, col := range d.Days[0].Columns {
			for _, c := range col.Cells {
				switch {
				case !c.Appointment.IsZero():
					booked++
				case c.Status == "free":
					free++
				}
			}
		}
	}
	n := func(row map[string]string, col string) int { v, _ := strconv.Atoi(row[col]); return v }
	use := rows(t, r, "slot-use")
	if len(use) != 1 || use[0]["HCP_TYPE"] != "GP" || use[0]["APPT_MODE"] != "Video Conference/Online" {
		t.Fatalf("%v", use)
	}
	u := use[0]
	if free != 3 || n(u, "NOT_USED") != free || n(u, "BOOKED") != booked || n(u, "AVAILABLE") != free+booked || n(u, "ATTENDED") != 1 || n(u, "DNA") != 1 || n(u, "BOOKED") != n(u, "ATTENDED")+n(u, "DNA")+n(u, "UNKNOWN") {
		t.Errorf("%v; the diary has %d free and %d booked", u, free, booked)
	}
}

// Who came and left before they were seen was not seen, and did not stay away.
func TestLeftUnseenIsNotAttended(t *testing.T) {
	s := open(t)
	s.now("2026-11-06 09:00")
	s.put(record.Author{Ref: "Practitioner/nav", Role: "navigator"}, "Appointment", "a0", `{"resourceType":"Appointment","status":"fulfilled","created":"2026-11-03T09:00:00Z","start":"2026-11-03T10:00:00Z","end":"2026-11-03T10:10:00Z",
		"extension":[{"url":"https://heartwood.example/fhir/StructureDefinition/attendance","extension":[{"url":"unseen","valueBoolean":true}]}],
		"participant":[{"actor":{"reference":"Patient/patient-0"},"status":"accepted"}]}`)
	s.now("2026-12-02 09:00")
	got := map[string]int{}
	for _, x := range rows(t, s.make(returns.Monthly, "2026-11"), "appointments") {
		n, err := strconv.Atoi(x["COUNT_OF_APPOINTMENTS"])
		must(t, err)
		got[x["APPT_STATUS"]] += n
	}
	if want := map[string]int{"DNA": 1, "Unknown": 2}; !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}
