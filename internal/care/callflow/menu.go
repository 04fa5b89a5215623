package callflow

// inMenu is an event while the caller listens and chooses.
func (m *machine) inMenu() {
	n, _ := m.p.Node(m.c.Node)
	switch m.e.What {
	case Played:
		if n.Kind == Announce {
			m.enter(n.Next)
		}
	case Digit:
		m.chosen(n)
	case Silent:
		if n.Kind == Choose {
			m.again(n)
		}
	case HungUp:
		m.end(m.unanswered(), ByCaller)
	case Lost:
		m.end(m.unanswered(), CutOff)
	}
}

// chosen is a key. During announcements it skips what is left of them, and is
// the choice at the menu that comes next.
func (m *machine) chosen(n Node) {
	if n.Kind == Announce {
		if n = m.skip(n); m.c.Stage != Menu || n.Kind != Choose {
			return
		}
		if _, ok := n.key(m.e.Digit); !ok {
			return // the menu is being said already
		}
		m.do = nil // its options need not be heard
	}
	if n.Kind != Choose {
		return
	}
	k, ok := n.key(m.e.Digit)
	if !ok {
		m.say(true, PromptWrongKey)
		m.again(n)
		return
	}
	m.step("chose", "", k.Digit+" "+k.Name)
	m.enter(k.To)
}

// skip goes on to the first node that is no announcement.
func (m *machine) skip(n Node) Node {
	for range len(m.p.Nodes) {
		if m.c.Stage != Menu || n.Kind != Announce {
			break
		}
		m.do = nil
		m.enter(n.Next)
		n, _ = m.p.Node(m.c.Node)
	}
	return n
}

// again says a menu once more, or takes the safe way after it was said often
// enough.
func (m *machine) again(n Node) {
	if m.c.Plays >= plays {
		m.step("no-choice", "", n.ID)
		m.enter(n.Next)
		return
	}
	m.c.Plays++
	m.offer(n)
}

func (m *machine) offer(n Node) {
	m.say(true, n.Says...)
	m.act(Do{What: Listen, Within: listens})
}

// enter goes to a node, and on through those that say nothing. A plan that
// leads nowhere, or round and round, leads to a person: Check refuses such
// plans, and a caller does not pay for one that another program wrote.
func (m *machine) enter(id string) {
	m.c.Stage = Menu
	for range len(m.p.Nodes) + 1 {
		n, ok := m.p.Node(id)
		if !ok {
			break
		}
		m.c.Node, m.c.Plays = n.ID, 1
		if n.Kind != Hours && (n.Kind != Announce || len(n.Says) > 0) {
			m.at(n)
			return
		}
		id = n.Next
		if n.Kind == Hours && !m.f.Open {
			id = n.Shut
		}
	}
	m.lost()
}

func (m *machine) at(n Node) {
	switch n.Kind {
	case Announce:
		m.say(true, n.Says...)
	case Choose:
		m.offer(n)
	case Join:
		m.join(n.Queue)
	case Voicemail:
		m.c.Stage = Message
		m.step("voicemail", "", n.ID)
		m.say(true, n.Says...)
		m.act(Do{What: TakeVoicemail, Within: longestMessage})
	case SendOn:
		m.c.Stage, m.c.Number = Away, n.Number
		m.step("sent-on", "", n.ID)
		m.say(true, n.Says...)
		m.act(Do{What: Dial, Number: n.Number})
	case Finish:
		m.say(false, n.Says...)
		m.end(m.unanswered(), PlayedOut)
	default:
		m.lost()
	}
}

// lost is where a plan leads nowhere: into the first queue, or where there is
// none to the end.
func (m *machine) lost() {
	m.step("no-way", "", m.c.Node)
	if len(m.p.Queues) > 0 {
		m.join(m.p.Queues[0].ID)
		return
	}
	m.say(false, PromptTrouble)
	m.end(m.unanswered(), PlayedOut)
}
