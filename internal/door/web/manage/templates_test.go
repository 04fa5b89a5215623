package manage_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var versionField = regexp.MustCompile(`name="version" value="([^"]*)"`)

func TestTemplatesOfAPractice(t *testing.T) {
	open := office(t)
	const at = "/manage/Z99901/templates"
	code, body := open("manager", at)
	if code != 200 || !strings.Contains(text(body), "Ask for a photo") || !strings.Contains(text(body), "As it came") {
		t.Fatalf("answered %d: %s", code, text(body))
	}
	send := func(id string, v url.Values) (int, string) { return open("manager", at+"/"+id+" "+v.Encode()) }
	form := url.Values{"do": {"look"}, "title": {"Ask for a picture"}, "body": {"Hello {given}. Send a picture of {what}."}, "name-0": {"what"}, "label-0": {"Of what?"}, "default-0": {"your skin"}}
	code, body = send("photo", form)
	if code != 200 || !strings.Contains(text(body), "Hello Ann. Send a picture of your skin.") {
		t.Fatalf("a look answered %d: %s", code, text(body))
	}
	if _, body := open("manager", at); strings.Contains(text(body), "Ask for a picture") {
		t.Error("a look was kept")
	}
	form.Set("do", "save")
	form.Set("body", "Hello {given}. Send a picture of {thing}.")
	if code, body := send("photo", form); code != 400 || !strings.Contains(text(body), "{thing} is not a place") || !strings.Contains(body, "Send a picture of {thing}") {
		t.Errorf("a place that nothing fills in answered %d: %s", code, text(body))
	}
	form.Set("body", "Hello {given}. Send a picture of {what}.")
	if code, body := send("photo", form); code != 200 || !strings.Contains(text(body), "Saved.") || !strings.Contains(text(body), "As it came") {
		t.Fatalf("saving answered %d: %s", code, text(body))
	}
	if code, body := send("photo", form); code != 409 || !strings.Contains(text(body), "Somebody else has changed this template") {
		t.Errorf("an old page answered %d: %s", code, text(body))
	}
	_, body = open("manager", at+"/photo")
	back := url.Values{"do": {"restore"}, "former": {"shipped"}, "version": {versionField.FindStringSubmatch(body)[1]}}
	if code, body = send("photo", back); code != 200 || !strings.Contains(text(body), "Take it in good light") || !strings.Contains(text(body), "saved by") && !strings.Contains(text(body), "Earlier versions") {
		t.Errorf("having it back answered %d: %s", code, text(body))
	}
	form.Set("title", "Our own")
	if code, body := send("new", form); code != 200 || !strings.Contains(text(body), "Our own") {
		t.Errorf("a new one answered %d: %s", code, text(body))
	}
	if code, body = open("manager", "/manage/Z99901/batches do=fill&template=survey"); code != 200 || !strings.Contains(body, "Hello {given}. How was your last visit") {
		t.Errorf("a message to many answered %d: %s", code, text(body))
	}
}
