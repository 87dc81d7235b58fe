// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "http/message.h"
#include <cstdint>
#include <QByteArray>
#include <QMetaType>
#include <string>

namespace weir::pipeline {

/// What one of Weir's own pages asks of those who know: the store, or the vault of providers' secrets. The
/// window and the command line ask in the same words. A value; crosses threads.
struct Question
{
    enum class Desk : std::uint8_t
    {
        Store, ///< usage and access keys
        Vault, ///< providers' secrets
    };
    Desk desk = Desk::Store;
    std::string method = "GET";
    std::string target;              ///< "/stats/all?by=model", as in the request line
    QByteArray body;                 ///< JSON, or empty. May hold a secret: never logged
    std::int64_t keyId = 0;          ///< who asks, for pages that tell a caller of itself; 0 = the admin
    std::int64_t tokensInWindow = 0; ///< of that key, at this moment
    std::int64_t windowEndsInMs = 0; ///< until all of that no longer counts

    std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
    std::string_view query() const
    {
        const std::size_t mark = target.find('?');
        return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
    }
};

/// What a request for one of those pages asks, as the admin.
Question questionOf(const http::RequestHead &head, QByteArray body);

/// JSON, or why there is none.
using Answer = base::Result<QByteArray>;

} // namespace weir::pipeline

Q_DECLARE_METATYPE(weir::pipeline::Question)
