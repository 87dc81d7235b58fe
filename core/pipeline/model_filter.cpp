// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/model_filter.h"

#include <utility>

namespace weir::pipeline {

using base::Errc;
using base::Error;

Error unreadable(llm::Readability why, std::size_t offset)
{
    const std::string at = "at byte " + std::to_string(offset);
    if (why == llm::Readability::Invalid)
        return {Errc::InvalidJson, at};
    return {Errc::BodyNotInspected, "nested deeper than " + std::to_string(llm::JsonNestingMax) +
                                        " levels, or a model name longer than " +
                                        std::to_string(llm::ModelNameMax) + " bytes, " + at};
}

Error tooLargeToHold(std::int64_t bodyHold)
{
    return {Errc::BodyTooLargeToHold, std::to_string(bodyHold) + " bytes"};
}

ModelFilter::ModelFilter(ModelPolicy policy, std::string routed)
    : m_policy(std::move(policy)), m_routed(std::move(routed)), m_stream(*this), m_provider(m_routed)
{
    m_isProviderKnown = !m_policy.mayReroute();
}

void ModelFilter::feed(const QByteArray &bytes)
{
    m_stream.feed(bytes);
}

void ModelFilter::finish()
{
    m_stream.finish();
    if (!m_isJudged) // no text named a model
        m_objection = m_policy.objection(std::nullopt);
}

std::vector<QByteArray> ModelFilter::take()
{
    m_heldSize = 0;
    return std::exchange(m_passed, {});
}

std::optional<Error> ModelFilter::fault() const
{
    if (m_stream.readability() != llm::Readability::Readable)
        return unreadable(m_stream.readability(), m_stream.faultOffset());
    if (m_objection)
        return m_objection;
    if (m_isTooLate) {
        return Error{Errc::BodyTooLargeToHold,
                     "its model is an alias for one of another provider, and came too late"};
    }
    return std::nullopt;
}

void ModelFilter::onBytes(QByteArray bytes)
{
    m_heldSize += bytes.size();
    m_passed.push_back(std::move(bytes));
}

std::optional<std::string> ModelFilter::onModel(std::string_view model)
{
    m_modelRequested = model;
    return choose(model);
}

std::optional<std::string> ModelFilter::onNoModel()
{
    return choose(std::nullopt);
}

std::optional<std::string> ModelFilter::choose(std::optional<std::string_view> model)
{
    const std::optional<llm::ModelChoice> choice = m_policy.choose(model);
    m_isJudged = true;
    if (!m_objection)
        m_objection = m_policy.objection(choice ? std::optional(choice->model) : model);
    const std::string provider(choice && !choice->provider.empty() ? choice->provider
                                                                   : std::string_view(m_routed));
    if (!m_isProviderKnown) {
        m_isProviderKnown = true;
        m_provider = provider;
    } else if (provider != m_provider) {
        m_isTooLate = true;
    }
    if (!choice) {
        m_modelSent.clear();
        return std::nullopt;
    }
    m_modelSent = choice->model;
    return m_modelSent;
}

} // namespace weir::pipeline
