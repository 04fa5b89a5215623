package room

import (
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

const sendTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

// control is how browsers and we speak of pictures: what was missed, what a
// line bears, and that a whole picture is needed.
var control = []webrtc.RTCPFeedback{
	{Type: "goog-remb"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"}, {Type: "ccm", Parameter: "fir"}, {Type: "transport-cc"},
}

// codecs are what rooms speak, the best first. A-law is a telephone's voice.
var codecs = []webrtc.RTPCodecParameters{
	{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeOpus, ClockRate: 48_000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1",
		RTCPFeedback: []webrtc.RTCPFeedback{{Type: "transport-cc"}},
	}},
	{PayloadType: 8, RTPCodecCapability: alaw},
	{PayloadType: 96, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeVP8, ClockRate: 90_000, RTCPFeedback: control,
	}},
	{PayloadType: 108, RTPCodecCapability: webrtc.RTPCodecCapability{
		MimeType: webrtc.MimeTypeH264, ClockRate: 90_000, RTCPFeedback: control,
		SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
	}},
}

// roomAPI makes the connections of rooms.
func roomAPI(set webrtc.SettingEngine) (*webrtc.API, error) {
	m := &webrtc.MediaEngine{}
	for i, c := range codecs {
		kind := webrtc.RTPCodecTypeAudio
		if i > 1 {
			kind = webrtc.RTPCodecTypeVideo
		}
		if err := m.RegisterCodec(c, kind); err != nil {
			return nil, err
		}
	}
	if err := extensions(m); err != nil {
		return nil, err
	}
	r, err := registry()
	if err != nil {
		return nil, err
	}
	if err := repair(r); err != nil {
		return nil, err
	}
	return webrtc.NewAPI(webrtc.WithSettingEngine(set), webrtc.WithMediaEngine(m), webrtc.WithInterceptorRegistry(r)), nil
}

// extensions are what packets bear besides: in from browsers, how loud and
// which packet of all; out to them, when it was sent.
func extensions(m *webrtc.MediaEngine) error {
	in, out := webrtc.RTPTransceiverDirectionRecvonly, webrtc.RTPTransceiverDirectionSendonly
	for _, x := range []struct {
		uri  string
		kind webrtc.RTPCodecType
		way  webrtc.RTPTransceiverDirection
	}{
		{sdp.AudioLevelURI, webrtc.RTPCodecTypeAudio, in},
		{sdp.TransportCCURI, webrtc.RTPCodecTypeAudio, in},
		{sdp.TransportCCURI, webrtc.RTPCodecTypeVideo, in},
		{sendTime, webrtc.RTPCodecTypeVideo, out},
	} {
		if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: x.uri}, x.kind, x.way); err != nil {
			return err
		}
	}
	return nil
}

// repair asks for what was missed, gives again what others missed, and tells
// senders how their packets come.
func repair(r *interceptor.Registry) error {
	ask, err := nack.NewGeneratorInterceptor()
	if err != nil {
		return err
	}
	give, err := nack.NewResponderInterceptor()
	if err != nil {
		return err
	}
	tell, err := twcc.NewSenderInterceptor()
	if err != nil {
		return err
	}
	r.Add(give)
	r.Add(ask)
	r.Add(tell)
	return nil
}
