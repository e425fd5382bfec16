// The certificate for DTLS that the whole process has.
#pragma once

namespace callagent::media {

// Makes the one that a dtlsdec takes where no "pem" is set like those of make_certificate(). Where
// that cannot be done, GStreamer makes its own. Does nothing the second time; whoever comes while
// it is done waits. Any thread, before the first dtlsdec.
void adopt_certificate();

}  // namespace callagent::media
