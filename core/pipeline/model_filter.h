// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/error.h"
#include "llm/model_stream.h"
#include "pipeline/model_policy.h"
#include <optional>
#include <QByteArray>
#include <string>
#include <string_view>
#include <vector>

namespace weir::pipeline {

/// The error of a body that a rule for models must read and cannot; `offset` is the byte at fault.
base::Error unreadable(llm::Readability why, std::size_t offset);
/// The error of a body that has to be read whole and is larger than `bodyHold` bytes.
base::Error tooLargeToHold(std::int64_t bodyHold);

/// Applies what is to become of models to a body that is too large to be held, while it passes. The first
/// model in it decides which provider is asked; one behind it that would lead to another is a fault, because
/// what came before has been sent. So is one that is not allowed: then the body's end is never sent.
class ModelFilter final : private llm::ModelStream::Output
{
public:
    /// `routed`: the provider that is asked without a rule.
    ModelFilter(ModelPolicy policy, std::string routed);

    void feed(const QByteArray &bytes);
    /// Once, when there is no more.
    void finish();

    /// What is to be sent on, taken out.
    std::vector<QByteArray> take();
    /// Bytes not yet taken.
    qsizetype heldSize() const { return m_heldSize; }

    /// Whether a later byte can still change provider().
    bool isProviderKnown() const { return m_isProviderKnown; }
    /// It can wait no longer: the provider is the one so far.
    void fixProvider() { m_isProviderKnown = true; }
    const std::string &provider() const { return m_provider; }

    /// Why this body must not go on.
    std::optional<base::Error> fault() const;

    /// The last model of the body and what was sent instead; "" where there was none, or no rule matched.
    const std::string &modelRequested() const { return m_modelRequested; }
    const std::string &modelSent() const { return m_modelSent; }

private:
    // llm::ModelStream::Output
    void onBytes(QByteArray bytes) override;
    std::optional<std::string> onModel(std::string_view model) override;
    std::optional<std::string> onNoModel() override;

    std::optional<std::string> choose(std::optional<std::string_view> model);

    const ModelPolicy m_policy;
    const std::string m_routed;
    llm::ModelStream m_stream;
    std::vector<QByteArray> m_passed;
    qsizetype m_heldSize = 0;
    std::string m_provider;
    std::string m_modelRequested;
    std::string m_modelSent;
    bool m_isProviderKnown = false;
    std::optional<base::Error> m_objection;
    bool m_isJudged = false;  // a model, or none at all, has been held against the allowed ones
    bool m_isTooLate = false; // a rule asks for another provider than the one that is asked
};

} // namespace weir::pipeline
