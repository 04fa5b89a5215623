package measure

import (
	"heartwood/internal/care/booking"
	"heartwood/internal/fhir"
	"heartwood/internal/view/read"
)

// slot enters a version of a time in the diary. Only one that is free is kept:
// what is booked is an appointment, and what is blocked is not offered.
func (b *Book) slot(id string, res *fhir.Resource) {
	delete(b.free, id)
	if res.Get("status").Is("free") {
		b.free[id] = Visit{
			ID: id, Status: "free", Start: read.Time(res.Get("start").Str()), End: read.Time(res.Get("end").Str()),
			Kind: read.Concept(res.Get("serviceType")), Mode: modeOf(res), Category: booking.CategoryOf(res), Professional: b.lists[read.Ref(res.Get("schedule")).ID],
		}
	}
}

// EachFree calls fn for each time in the diary that nobody has, in no order.
// fn must not call the book.
func (b *Book) EachFree(fn func(*Visit)) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, v := range b.free {
		v.Professional = b.roles[v.Professional] // the role may have come after the diary
		fn(&v)
	}
}
