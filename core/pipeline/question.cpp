// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/question.h"

namespace weir::pipeline {

namespace {

constexpr std::string_view VaultFolder = "/admin/providers";

} // namespace

Question questionOf(const http::RequestHead &head, QByteArray body)
{
    Question question;
    question.desk = head.path().starts_with(VaultFolder) ? Question::Desk::Vault : Question::Desk::Store;
    question.method = head.method == "HEAD" ? "GET" : head.method;
    question.target = head.target;
    question.body = std::move(body);
    return question;
}

} // namespace weir::pipeline
