package feed

// DecodeUpward shows the decoder to the fuzz test: the code is 0 when the
// frame is accepted.
func DecodeUpward(data []byte) (resume *Position, status *Status, code Code, reason string) {
	up, bad := decodeUpward(data)
	if bad != nil {
		return nil, nil, bad.Code, bad.Reason
	}
	return up.Resume, up.Status, 0, ""
}

// RemoteAddress shows how peers are counted when Options.Address is not given.
var RemoteAddress = remoteAddress
