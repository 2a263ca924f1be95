// Pion as a publisher: pion FILE URL. The file's frames are sent as they were encoded.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/pion/webrtc/v3"
	"github.com/pion/webrtc/v3/pkg/media"
	"github.com/pion/webrtc/v3/pkg/media/h264reader"
	"github.com/pion/webrtc/v3/pkg/media/ivfreader"
	"github.com/pion/webrtc/v3/pkg/media/oggreader"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// How long a picture of the file lasts.
func lasting(file string) time.Duration {
	asked := []string{"-v", "error", "-select_streams", "v", "-show_entries", "stream=r_frame_rate", "-of", "csv=p=0"}
	output, err := exec.Command("ffprobe", append(asked, file)...).Output()
	must(err)
	var count, seconds int
	_, err = fmt.Sscanf(string(output), "%d/%d", &count, &seconds)
	must(err)
	return time.Second * time.Duration(seconds) / time.Duration(count)
}

// What ffmpeg makes of the file, without encoding anything anew.
func read(file string, to ...string) io.Reader {
	command := append([]string{"-v", "error", "-i", file, "-c", "copy"}, to...)
	output, err := exec.Command("ffmpeg", append(command, "-")...).Output()
	must(err)
	return bytes.NewReader(output)
}

// Pictures of an H.264 stream: the NAL units of each, which its encoder may have cut into several slices.
type units struct {
	reader *h264reader.H264Reader
	next   *h264reader.NAL
	frame  time.Duration
}

func isSlice(unit *h264reader.NAL) bool {
	kind := unit.UnitType
	return kind == h264reader.NalUnitTypeCodedSliceIdr || kind == h264reader.NalUnitTypeCodedSliceNonIdr
}

// Whether a unit is the first of a picture where one with a slice is under way: first_mb_in_slice, which is 0 then, is
// one bit (ITU-T H.264 sections 7.3.3 and 9.1), and no unit of another kind follows a slice of its picture here.
func begins(unit *h264reader.NAL) bool {
	return !isSlice(unit) || unit.Data[1]&0x80 != 0
}

func (u *units) sample() (media.Sample, error) {
	picture, drawn := []byte{}, false
	for {
		unit, err := u.next, error(nil)
		if unit == nil {
			unit, err = u.reader.NextNAL()
		}
		u.next = nil
		if err == io.EOF && drawn {
			return media.Sample{Data: picture, Duration: u.frame}, nil
		}
		if err != nil {
			return media.Sample{}, err
		}
		if drawn && begins(unit) {
			u.next = unit
			return media.Sample{Data: picture, Duration: u.frame}, nil
		}
		drawn = drawn || isSlice(unit)
		picture = append(append(picture, 0, 0, 0, 1), unit.Data...)
	}
}

// Samples of the file's picture.
func pictures(file string, h264 bool) func() (media.Sample, error) {
	if h264 {
		reader, err := h264reader.NewReader(read(file, "-map", "0:v", "-bsf:v", "h264_mp4toannexb", "-f", "h264"))
		must(err)
		return (&units{reader: reader, frame: lasting(file)}).sample
	}
	frame := lasting(file)
	reader, _, err := ivfreader.NewWith(read(file, "-map", "0:v", "-f", "ivf"))
	must(err)
	return func() (media.Sample, error) {
		data, _, err := reader.ParseNextFrame()
		return media.Sample{Data: data, Duration: frame}, err
	}
}

// Samples of the file's sound, a page of Ogg each.
func sounds(file string) func() (media.Sample, error) {
	reader, _, err := oggreader.NewWith(read(file, "-map", "0:a", "-page_duration", "20000", "-f", "opus"))
	must(err)
	before := uint64(0)
	return func() (media.Sample, error) {
		for {
			data, header, err := reader.ParseNextPage()
			if err != nil {
				return media.Sample{}, err
			}
			count := header.GranulePosition - before
			before = header.GranulePosition
			if count > 0 {
				return media.Sample{Data: data, Duration: time.Duration(count) * time.Second / 48000}, nil
			}
		}
	}
}

// Sends samples in real time.
func play(track *webrtc.TrackLocalStaticSample, next func() (media.Sample, error), done chan<- int) {
	count, due := 0, time.Now()
	for {
		sample, err := next()
		if err == io.EOF {
			done <- count
			return
		}
		must(err)
		must(track.WriteSample(sample))
		count++
		due = due.Add(sample.Duration)
		time.Sleep(time.Until(due))
	}
}

func newTrack(peer *webrtc.PeerConnection, mime, id string) *webrtc.TrackLocalStaticSample {
	track, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: mime}, id, "pion")
	must(err)
	_, err = peer.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	must(err)
	return track
}

// Publishes by WHIP; returns the address of the stream.
func publish(peer *webrtc.PeerConnection, endpoint string) string {
	offer, err := peer.CreateOffer(nil)
	must(err)
	gathered := webrtc.GatheringCompletePromise(peer)
	must(peer.SetLocalDescription(offer))
	<-gathered
	response, err := http.Post(endpoint, "application/sdp", strings.NewReader(peer.LocalDescription().SDP))
	must(err)
	answer, err := io.ReadAll(response.Body)
	must(err)
	if response.StatusCode != http.StatusCreated {
		must(fmt.Errorf("%s: %s", response.Status, answer))
	}
	must(peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)}))
	base, err := url.Parse(endpoint)
	must(err)
	stream, err := base.Parse(response.Header.Get("Location"))
	must(err)
	return stream.String()
}

func main() {
	file, endpoint := os.Args[1], os.Args[2]
	h264, mime := strings.HasSuffix(file, ".mp4"), webrtc.MimeTypeVP8
	if h264 {
		mime = webrtc.MimeTypeH264
	}
	peer, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	must(err)
	connected := make(chan struct{})
	peer.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			close(connected)
		} else if state == webrtc.PeerConnectionStateFailed {
			must(fmt.Errorf("the connection failed"))
		}
	})
	audio := newTrack(peer, webrtc.MimeTypeOpus, "audio")
	video := newTrack(peer, mime, "video")
	stream := publish(peer, endpoint)
	<-connected
	done := make(chan int)
	go play(audio, sounds(file), done)
	go play(video, pictures(file, h264), done)
	<-done
	<-done
	request, err := http.NewRequest(http.MethodDelete, stream, nil)
	must(err)
	response, err := http.DefaultClient.Do(request)
	must(err)
	fmt.Printf("{\"ended\": %d}\n", response.StatusCode)
	must(peer.Close())
}
