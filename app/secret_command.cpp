// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/secret_command.h"

#include "app/command_line.h"
#include "app/hidden_input.h"
#include "app/memory_guard.h"
#include "engine/admin_file.h"
#include "engine/vault_client.h"
#include <cstdio>
#include <QCommandLineParser>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::app {

namespace {

constexpr int ExitFailure = 1;
constexpr int ExitUsage = 2;
constexpr const char *About =
    "Keys of the providers whose auth is 'stored'.\n"
    "  set NAME     store one, read from standard input; a terminal does not show it\n"
    "  list         which provider has one, and where\n"
    "  test NAME    ask the provider for its list of models with it, which costs nothing\n"
    "  delete NAME  forget it";

/// What was asked, as far as it can be read without the configuration.
struct Order
{
    QString verb;
    QString name; ///< "" with list
    bool isForThisRun = false;
    bool wantsJson = false;
    QString configFile; ///< "" = the default one
};

class Command
{
public:
    Command(QString program, Order order) : m_program(std::move(program)), m_order(std::move(order)) {}

    int run()
    {
        guardMemory();
        QStringList arguments{m_program};
        if (!m_order.configFile.isEmpty())
            arguments += {QStringLiteral("--config"), m_order.configFile};
        const Invocation invocation = readCommandLine(Program::Headless, arguments);
        if (invocation.action == Invocation::Action::Exit)
            return complain(invocation.output, ExitFailure);
        m_config = invocation.config;
        if (m_order.verb == QLatin1String("list"))
            return list();
        if (m_order.verb == QLatin1String("set"))
            return set();
        return m_order.verb == QLatin1String("test") ? test() : remove();
    }

private:
    int complain(const QString &why, int code) const
    {
        std::fprintf(stderr, "%s secret: %s\n", qUtf8Printable(m_program), qUtf8Printable(why));
        return code;
    }
    int complain(const base::Error &error) const
    {
        const bool isUsage = error.code == base::Errc::UnknownProvider;
        return complain(QString::fromStdString(base::describe(error)), isUsage ? ExitUsage : ExitFailure);
    }

    pipeline::Answer ask(const char *method, const char *what, const QJsonObject &body = {}) const
    {
        pipeline::Question question;
        question.desk = pipeline::Question::Desk::Vault;
        question.method = method;
        question.target = "/admin/providers";
        if (!m_order.name.isEmpty()) // as it is typed: what is no provider's name gets the desk's answer
            question.target += '/' + m_order.name.toUtf8().toPercentEncoding().toStdString() + what;
        if (!body.isEmpty())
            question.body = QJsonDocument(body).toJson(QJsonDocument::Compact);
        return engine::askVault(engine::databasePath(), m_config, question,
                                m_order.isForThisRun ? engine::IfNoEngine::Refuse
                                                     : engine::IfNoEngine::AskKeychain);
    }

    int set() const
    {
        const auto secret = readHidden(QStringLiteral("Key of %1 (it is not shown): ").arg(m_order.name));
        if (!secret)
            return complain(QStringLiteral("no key was read"), ExitFailure);
        const std::string_view text = secret->reveal(); // checked by who keeps it
        const auto answer =
            ask("PUT", "/secret",
                {{QStringLiteral("secret"), QString::fromLatin1(text.data(), qsizetype(text.size()))},
                 {QStringLiteral("place"),
                  m_order.isForThisRun ? QStringLiteral("this_run") : QStringLiteral("keychain")}});
        if (!answer)
            return complain(answer.error());
        std::printf("%s\n", m_order.isForThisRun ? "kept until Weir ends" : "stored in the keychain");
        remarkIfUnused(QJsonDocument::fromJson(*answer).object());
        return 0;
    }

    void remarkIfUnused(const QJsonObject &provider) const
    {
        if (provider[QLatin1String("auth")].toString() != QLatin1String("stored"))
            complain(QStringLiteral("it is not used while the auth of %1 is '%2': set provider.%1.auth to "
                                    "'stored'")
                         .arg(m_order.name, provider[QLatin1String("auth")].toString()),
                     0);
    }

    int remove() const
    {
        const auto answer = ask("DELETE", "/secret");
        if (!answer)
            return complain(answer.error());
        std::printf("deleted\n");
        return 0;
    }

    int test() const
    {
        const auto answer = ask("POST", "/test");
        if (!answer)
            return complain(answer.error());
        const QJsonObject outcome = QJsonDocument::fromJson(*answer).object();
        std::printf("%s\n", qUtf8Printable(outcome[QLatin1String("reason")].toString()));
        return outcome[QLatin1String("works")].toBool() ? 0 : ExitFailure;
    }

    int list() const
    {
        const auto answer = ask("GET", "");
        if (!answer)
            return complain(answer.error());
        if (m_order.wantsJson) {
            std::printf("%s\n", answer->constData());
            return 0;
        }
        for (const QJsonValue &value :
             QJsonDocument::fromJson(*answer)[QLatin1String("providers")].toArray()) {
            const auto text = [&](const char *key) { return value[QLatin1String(key)].toString(); };
            QString line = text("name").leftJustified(16) + text("auth").leftJustified(14) +
                           text("state").leftJustified(13) + text("place").leftJustified(13);
            if (!text("ends_with").isEmpty())
                line += QStringLiteral("…") + text("ends_with");
            std::printf("%s\n", qUtf8Printable(line.trimmed()));
            if (!text("reason").isEmpty())
                std::printf("    %s\n", qUtf8Printable(text("reason")));
        }
        return 0;
    }

    const QString m_program;
    const Order m_order;
    std::shared_ptr<const config::Config> m_config;
};

} // namespace

int secretCommand(const QString &program, const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(QString::fromLatin1(About));
    const QCommandLineOption thisRun(
        QStringLiteral("this-run"),
        QStringLiteral("With set: keep it in the running Weir's memory, and nowhere else."));
    const QCommandLineOption json(QStringLiteral("json"), QStringLiteral("With list: print JSON."));
    const QCommandLineOption config(QStringLiteral("config"),
                                    QStringLiteral("The file that names the providers, where no Weir runs."),
                                    QStringLiteral("FILE"));
    const QCommandLineOption help({QStringLiteral("h"), QStringLiteral("help")},
                                  QStringLiteral("Show this help."));
    parser.addOptions({thisRun, json, config, help});
    parser.addPositionalArgument(QStringLiteral("what"), QStringLiteral("set, list, test or delete"));
    parser.addPositionalArgument(QStringLiteral("name"), QStringLiteral("The provider."),
                                 QStringLiteral("[NAME]"));
    const auto refuse = [&](const QString &why) {
        std::fprintf(stderr, "%s secret: %s (see secret --help)\n", qUtf8Printable(program),
                     qUtf8Printable(why));
        return ExitUsage;
    };
    if (!parser.parse(QStringList{program + QStringLiteral(" secret")} + arguments))
        return refuse(parser.errorText());
    if (parser.isSet(help)) {
        std::printf("%s", qUtf8Printable(parser.helpText()));
        return 0;
    }
    const QStringList words = parser.positionalArguments();
    Order order;
    order.verb = words.value(0);
    order.name = words.value(1);
    order.isForThisRun = parser.isSet(thisRun);
    order.wantsJson = parser.isSet(json);
    order.configFile = parser.value(config);
    const bool isList = order.verb == QLatin1String("list");
    if (!isList && order.verb != QLatin1String("set") && order.verb != QLatin1String("test") &&
        order.verb != QLatin1String("delete"))
        return refuse(QStringLiteral("say what to do: set, list, test or delete"));
    if (words.size() > 2 && order.verb == QLatin1String("set")) // not repeated: it may be the key
        return refuse(QStringLiteral("the key is read from standard input, not from the command line"));
    if (words.size() != (isList ? 1 : 2) || (!isList && order.name.isEmpty()))
        return refuse(isList ? QStringLiteral("list takes no name") : QStringLiteral("name one provider"));
    if (order.isForThisRun && order.verb != QLatin1String("set"))
        return refuse(QStringLiteral("--this-run goes with set only"));
    return Command(program, std::move(order)).run();
}

} // namespace weir::app
