// SPDX-License-Identifier: GPL-3.0-or-later
// What the vault answers.
#include "engine/key_source.h"
#include "engine/key_test.h"
#include "engine/vault.h"
#include <algorithm>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <utility>

namespace weir::engine {

using base::Errc;
using base::Error;
using base::Secret;
using pipeline::Answer;
using pipeline::ProviderSecret;

namespace {

constexpr std::string_view Folder = "/admin/providers";
constexpr const char *Wrong = R"(the body is {"secret": "…", "place": "keychain" or "this_run"})";

QByteArray toJson(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

QByteArray outcomeJson(bool works, const std::string &reason)
{
    return toJson(
        {{QStringLiteral("works"), works}, {QStringLiteral("reason"), QString::fromStdString(reason)}});
}

QString authWord(config::Auth auth)
{
    switch (auth) {
    case config::Auth::PassThrough:
        return QStringLiteral("pass-through");
    case config::Auth::Stored:
        return QStringLiteral("stored");
    case config::Auth::None:
        break;
    }
    return QStringLiteral("none");
}

} // namespace

void Vault::ask(quint64 id, const pipeline::Question &question)
{
    const Ticket ticket = ++m_lastTicket;
    m_questions.emplace(ticket, id);
    if (m_questions.size() > QuestionsMax) {
        answer(ticket, base::unexpected(Errc::KeychainUnavailable, "too many questions are waiting for it"));
        return;
    }
    const auto allow = [&](std::initializer_list<std::string_view> methods) {
        if (std::find(methods.begin(), methods.end(), question.method) != methods.end())
            return true;
        std::string allowed;
        for (const std::string_view method : methods)
            allowed += (allowed.empty() ? "" : " ") + std::string(method);
        answer(ticket, base::unexpected(Errc::MethodNotAllowed, allowed));
        return false;
    };
    std::string_view rest = question.path();
    if (rest == Folder) {
        if (allow({"GET"}))
            list(ticket);
        return;
    }
    rest.remove_prefix(std::min(rest.size(), Folder.size() + 1));
    const std::size_t slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    const std::string_view what = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
    if (!question.path().starts_with(std::string(Folder) + '/') || (what != "secret" && what != "test")) {
        answer(ticket, base::unexpected(Errc::UnknownPath, std::string(question.path())));
        return;
    }
    const auto found = m_entries.find(name);
    if (found == m_entries.end()) {
        std::string known;
        for (const config::Provider &provider : m_config->providers)
            known += (known.empty() ? "" : ", ") + provider.name;
        answer(ticket, base::unexpected(Errc::UnknownProvider, "configured are " + known));
    } else if (what == "test") {
        if (allow({"POST"}))
            test(ticket, found->second);
    } else if (allow({"PUT", "DELETE"})) {
        if (question.method == "PUT")
            set(ticket, found->second, question.body);
        else
            remove(ticket, found->second);
    }
}

void Vault::answer(Ticket ticket, const Answer &answer)
{
    const auto node = m_questions.extract(ticket);
    if (!node.empty())
        Q_EMIT answered(node.mapped(), answer);
}

void Vault::forgetQuestions()
{
    m_lists.clear();
    while (!m_questions.empty())
        answer(m_questions.begin()->first, base::unexpected(Errc::Draining));
}

void Vault::list(Ticket ticket)
{
    m_lists.push_back(ticket);
    for (auto &[name, entry] : m_entries) {
        if (entry.state == State::Missing || entry.state == State::Unavailable)
            read(entry);
    }
    answerLists();
}

void Vault::answerLists()
{
    const bool isReading = std::any_of(m_entries.begin(), m_entries.end(),
                                       [](const auto &of) { return of.second.state == State::Opening; });
    if (isReading || m_lists.empty())
        return; // its deadline is the secret store's
    QJsonArray providers;
    for (const config::Provider &provider : m_config->providers)
        providers.append(describe(m_entries[provider.name]));
    for (const Ticket ticket : std::exchange(m_lists, {}))
        answer(ticket, toJson({{QStringLiteral("providers"), providers}}));
}

QJsonObject Vault::describe(const Entry &entry)
{
    static constexpr std::array States{"not_needed", "opening", "ready", "missing", "unavailable"};
    static constexpr std::array Places{"", "keychain", "this_run", "environment"};
    const bool isReady = entry.state == State::Ready;
    std::string_view end = isReady ? (*entry.secret)->reveal() : std::string_view();
    end.remove_prefix(end.size() < EndsFrom ? end.size() : end.size() - EndsWith);
    return {{QStringLiteral("name"), QString::fromStdString(entry.provider->name)},
            {QStringLiteral("auth"), authWord(entry.provider->auth)},
            {QStringLiteral("place"), entry.place == Place::Nowhere
                                          ? QJsonValue()
                                          : QJsonValue(QLatin1String(Places[std::size_t(entry.place)]))},
            {QStringLiteral("state"), QLatin1String(States[std::size_t(entry.state)])},
            {QStringLiteral("reason"),
             entry.secret ? QString() : QString::fromStdString(base::describe(entry.secret.error()))},
            {QStringLiteral("ends_with"), QString::fromLatin1(end.data(), qsizetype(end.size()))}};
}

void Vault::set(Ticket ticket, Entry &entry, const QByteArray &body)
{
    const QJsonObject asked = QJsonDocument::fromJson(body).object();
    const QJsonValue text = asked[QLatin1String("secret")];
    const QString where = asked[QLatin1String("place")].toString();
    const bool isForThisRun = where == QLatin1String("this_run");
    if (!text.isString() || (!isForThisRun && where != QLatin1String("keychain"))) {
        answer(ticket, base::unexpected(Errc::QueryInvalid, Wrong));
        return;
    }
    const std::string variable = variableInUse(*entry.provider);
    if (!isForThisRun && !variable.empty()) {
        answer(ticket, base::unexpected(Errc::QueryInvalid, "the key of " + entry.provider->name +
                                                                " is taken from the environment variable " +
                                                                variable +
                                                                "; one in the keychain would not be used"));
        return;
    }
    auto secret = std::make_shared<const Secret>(text.toString().toStdString());
    const Place place = isForThisRun ? Place::ThisRun : Place::Keychain;
    store().set(entryName(*entry.provider), secret->clone(),
                isForThisRun ? store::SecretStore::Place::ThisRun : store::SecretStore::Place::Keychain,
                [this, ticket, name = entry.provider->name, secret, place](base::Result<Secret> result) {
                    const auto known = m_entries.find(name);
                    if (!result || known == m_entries.end()) {
                        answer(ticket, base::Unexpected{result ? Error{Errc::Draining, {}} : result.error()});
                        return;
                    }
                    take(known->second, {secret, place});
                    answer(ticket, toJson(describe(known->second)));
                });
}

void Vault::remove(Ticket ticket, Entry &entry)
{
    const std::string variable = variableInUse(*entry.provider);
    const bool isForThisRun = m_store && m_store->isForThisRun(entryName(*entry.provider));
    if (!variable.empty() && !isForThisRun) {
        answer(ticket, base::unexpected(Errc::QueryInvalid, "the key of " + entry.provider->name +
                                                                " is taken from the environment variable " +
                                                                variable));
        return;
    }
    store().remove(
        entryName(*entry.provider), [this, ticket, name = entry.provider->name](base::Result<Secret> result) {
            const auto known = m_entries.find(name);
            if (!result || known == m_entries.end()) {
                answer(ticket, base::Unexpected{result ? Error{Errc::Draining, {}} : result.error()});
                return;
            }
            take(known->second, {base::unexpected(Errc::NotStored), Place::Nowhere});
            if (!variableInUse(*known->second.provider).empty())
                read(known->second); // it is the environment's turn again
            answer(ticket, toJson(describe(known->second)));
        });
}

// ── tests

void Vault::test(Ticket ticket, Entry &entry)
{
    const QDeadlineTimer until(AnswerBy);
    if (entry.state == State::Ready) {
        startTest(ticket, *entry.provider, entry.secret, until);
        return;
    }
    find(*entry.provider, [this, ticket, name = entry.provider->name, until](Found found) {
        const auto known = m_entries.find(name);
        if (known == m_entries.end()) {
            answer(ticket, base::unexpected(Errc::Draining));
            return;
        }
        const ProviderSecret secret = found.secret;
        if (known->second.state != State::Ready)
            take(known->second, std::move(found)); // perhaps it has become possible
        startTest(ticket, *known->second.provider, secret, until);
    });
}

void Vault::startTest(Ticket ticket, const config::Provider &provider, const ProviderSecret &secret,
                      QDeadlineTimer until)
{
    if (!secret) {
        const Error why = secret.error().code == Errc::NotStored ? keyMissing(provider) : secret.error();
        answer(ticket, outcomeJson(false, base::describe(why)));
        return;
    }
    if (m_tests >= TestsMax) {
        answer(ticket, outcomeJson(false, "other keys are being tested; try again"));
        return;
    }
    ++m_tests;
    auto *test =
        new KeyTest(m_config, provider, *secret, std::chrono::milliseconds(until.remainingTime()), this);
    connect(test, &KeyTest::finished, this, [this, test, ticket](bool works, const std::string &reason) {
        --m_tests;
        test->deleteLater();
        answer(ticket, outcomeJson(works, reason));
    });
}

} // namespace weir::engine
