// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/direct_call.h"

namespace weir::upstream {

class H1Session;

/// The one call of an HTTP/1.1 connection.
class H1Call final : public DirectCall
{
public:
    H1Call(H1Session &session, const CallRequest &request, CallSink &sink);
    ~H1Call() override { cancel(); }

protected:
    void bodyGiven() override;
    void becameDue() override;
    void delivered(qsizetype bytes) override;
    void leave(bool cancelled) override;

private:
    H1Session *m_session; // until it has ended
};

} // namespace weir::upstream
