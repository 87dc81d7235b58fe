// SPDX-License-Identifier: GPL-3.0-or-later
// Plays every document of this folder over every transport it names. WEIR_EXCHANGES_ON=h2 plays one only.
#include "exchanges/document.h"
#include "exchanges/script.h"
#include <algorithm>
#include <map>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTest>

using namespace weir::exchanges;

class TestExchanges : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void plays_data();
    void plays();

private:
    std::map<QByteArray, Document> m_documents; // by path
};

void TestExchanges::plays_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("transport");
    QTest::addColumn<QByteArray>("unreadable"); // why

    const QByteArray only = qgetenv("WEIR_EXCHANGES_ON");
    const QDir folder(QStringLiteral(WEIR_EXCHANGES));
    QStringList paths;
    QDirIterator files(folder.path(), {QStringLiteral("*.txt")}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext())
        paths += folder.relativeFilePath(files.next());
    paths.sort();
    for (const QString &relative : paths) {
        QFile file(folder.filePath(relative));
        const QByteArray path = "tests/exchanges/" + relative.toUtf8();
        const QByteArray title = relative.chopped(4).toUtf8();
        const auto read = file.open(QIODevice::ReadOnly) ? readDocument(file.readAll())
                                                         : Problem{0, file.errorString().toUtf8()};
        if (const auto *problem = std::get_if<Problem>(&read)) {
            QTest::addRow("%s", title.constData())
                << path << 0 << path + ':' + QByteArray::number(problem->line) + ": " + problem->what;
            continue;
        }
        const Document &document = m_documents.insert_or_assign(path, std::get<Document>(read)).first->second;
        for (const Transport transport : document.transports) {
            if (only.isEmpty() || only == name(transport))
                QTest::addRow("%s %s", title.constData(), name(transport).constData())
                    << path << int(transport) << QByteArray();
        }
    }
}

void TestExchanges::plays()
{
    QFETCH(QByteArray, path);
    QFETCH(int, transport);
    QFETCH(QByteArray, unreadable);
    QVERIFY2(unreadable.isEmpty(), unreadable.constData());
    const Document &document = m_documents.at(path);
    const QByteArray problem = Script(document, path, Transport(transport)).play();
    QVERIFY2(problem.isEmpty(), ('\n' + document.title + '\n' + problem).constData());
}

QTEST_GUILESS_MAIN(TestExchanges)
#include "tst_exchanges.moc"
