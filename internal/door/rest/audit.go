package rest

func (c *call) readSight() (reply, bool, error) { return reply{}, false, nil }

func (c *call) searchSights(q searchQuery) (reply, bool, error) { return reply{}, false, nil }
