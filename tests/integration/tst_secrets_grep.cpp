// SPDX-License-Identifier: GPL-3.0-or-later
// Canaries as provider key, access key, prompt and header go through the real program, errors and kill -9
// included; then every file and every byte that it has said is searched for them.
#include "integration/access_keys.h"
#include "integration/secret_programs.h"
#include "store/backup.h"
#include <algorithm>
#include <QDirIterator>
#include <QRandomGenerator>

using namespace weir;
using test::ask;
using test::Headless;
using test::Outcome;
using test::RawClient;
using test::secret;

namespace {

QByteArray canary(const char *kind)
{
    QByteArray random;
    for (int at = 0; at < 16; ++at)
        random += char(QRandomGenerator::global()->bounded(256));
    return QByteArray("WEIRCANARY-") + kind + '-' + random.toHex();
}

/// How a secret may be written down: as it is, in base64 at each of its three alignments, each half reversed.
QByteArrayList formsOf(const QByteArray &secret)
{
    QByteArrayList forms{secret, secret.toHex(), secret.toPercentEncoding({}, "-")};
    for (int skip = 0; skip < 3; ++skip)
        forms += secret.mid(skip, (secret.size() - skip) / 3 * 3).toBase64();
    for (QByteArray half : {secret.left(secret.size() / 2), secret.mid(secret.size() / 2)}) {
        std::reverse(half.begin(), half.end());
        forms += half;
    }
    return forms;
}

} // namespace

class TestSecretsGrep : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void leavesNoSecretAnywhere();
};

void TestSecretsGrep::leavesNoSecretAnywhere()
{
    test::SecretHome home;
    const QByteArray provider = canary("provider");
    const QByteArray prompt = canary("prompt");
    const QByteArray header = canary("header");
    const QByteArray access = test::storeKey(home.kept, "tool");
    qputenv("QT_LOGGING_RULES", "weir.*=true");
    const QString log = home.log();
    QByteArray said;
    for (int run = 0; run < 2; ++run) {
        Headless weir(home.provider, log);
        QVERIFY(weir.port != 0);
        const Outcome set =
            secret({QStringLiteral("set"), QStringLiteral("--this-run"), QStringLiteral("sim")}, provider);
        QVERIFY2(set.exitCode == 0, set.err.constData());
        said += set.out + set.err;
        for (const char *model :
             {"sim-ok", "sim-error-401+echo-key", "sim-error-500+echo-key", "sim-close-mid-stream",
              "sim-bad-chunk", "sim-redirect", "sim-garbage-status", "sim-nonsense"}) {
            for (const char *path : {"/v1/messages", "/v1/chat/completions"}) {
                const QByteArray body = QByteArray(R"({"model":")") + model +
                                        R"(","max_tokens":5,"messages":[{"role":"user","content":")" +
                                        prompt + "\"}]}";
                RawClient client(weir.port);
                client.send("POST " + QByteArray(path) +
                            " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nx-custom: " +
                            header + "\r\nAuthorization: Bearer " + access +
                            "\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
                said += client.takeResponse();
            }
        }
        said += ask(weir.port, access + "x");
        said += ask(weir.port, provider);
        said += secret({QStringLiteral("list")}).out +
                secret({QStringLiteral("test"), QStringLiteral("sim")}).out;
        said += run == 0 ? QByteArray() : QByteArray("last");
        QVERIFY(home.provider.arrived.size() > 10);
        QVERIFY(home.provider.arrived.back().headers.contains(provider)); // it has been there
        QTest::qWait(600);                                                // two ticks: usage is on the disk
        if (run == 0)
            weir.process.kill(); // -9: what is left then is as it was
        else
            QVERIFY(weir.stop());
        QTRY_COMPARE(weir.process.state(), QProcess::NotRunning);
        said += weir.process.readAllStandardOutput();
    }
    qunsetenv("QT_LOGGING_RULES");
    {
        const auto database = home.kept.open();
        QVERIFY(database);
        QVERIFY(store::backUp(*database, home.folder.filePath(QStringLiteral("backup.db")).toStdString()));
    }
    QByteArray all = said;
    int files = 0;
    for (const QString &folder : {home.folder.path(), home.kept.folder()}) {
        QDirIterator each(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (each.hasNext()) {
            QFile file(each.next());
            QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
            all += file.readAll();
            ++files;
        }
    }
    QVERIFY(files >= 3);                                     // database, backup, log
    QVERIFY(all.contains("sim-ok") && all.contains("tool")); // what is looked for would be found
    QVERIFY(all.contains("You have sent " + QByteArray(provider.size(), '*')));
    for (const QByteArray &canary : {provider, access, prompt, header}) {
        for (const QByteArray &form : formsOf(canary))
            QVERIFY2(!all.contains(form), form.constData());
    }
}

QTEST_GUILESS_MAIN(TestSecretsGrep)
#include "tst_secrets_grep.moc"
