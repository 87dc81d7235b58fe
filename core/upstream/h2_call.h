// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/direct_call.h"
#include <cstdint>
#include <optional>

namespace weir::upstream {

class H2Session;

/// One stream of an HTTP/2 connection.
class H2Call final : public DirectCall
{
public:
    H2Call(H2Session &session, const CallRequest &request, CallSink &sink);
    ~H2Call() override { cancel(); }

    std::int32_t id = 0;

    // How far it has come; kept by the session.
    bool headersSent = false; ///< the upstream may have seen it
    bool requestSent = false; ///< whole
    bool starved = false;     ///< nghttp2 waits for more of the body
    bool headDone = false;
    int interimCount = 0;
    std::size_t fieldCount = 0;
    std::optional<std::uint32_t> resetCode; ///< of the upstream's RST_STREAM
    http::ResponseHead head;                ///< as far as it has come

protected:
    void bodyGiven() override;
    void becameDue() override;
    void delivered(qsizetype bytes) override;
    void leave(bool cancelled) override;

private:
    H2Session *m_session; // until it has ended
};

} // namespace weir::upstream
