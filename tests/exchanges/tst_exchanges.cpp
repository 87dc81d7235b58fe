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

namespace {

/// The example that README.md explains, without its notes.
QByteArray exampleOf(const QByteArray &readme)
{
    const QByteArray fence = "\n```\n";
    const qsizetype from = readme.indexOf(fence) + fence.size();
    QByteArray example;
    for (const QByteArray &line : readme.mid(from, readme.indexOf(fence, from) - from).split('\n')) {
        const qsizetype note = line.indexOf("\xe2\x86\x90"); // an arrow to the left
        QByteArray text = note < 0 ? line : line.left(note);
        while (text.endsWith(' '))
            text.chop(1);
        example += text + '\n';
    }
    return example;
}

} // namespace

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
    QDirIterator files(folder.path(), {QStringLiteral("*.txt"), QStringLiteral("README.md")}, QDir::Files,
                       QDirIterator::Subdirectories);
    while (files.hasNext())
        paths += folder.relativeFilePath(files.next());
    paths.sort();
    for (const QString &relative : paths) {
        QFile file(folder.filePath(relative));
        const QByteArray path = "tests/exchanges/" + relative.toUtf8();
        const bool isReadme = relative.endsWith(QLatin1String(".md"));
        const QByteArray title = relative.left(relative.lastIndexOf(QLatin1Char('.'))).toUtf8();
        const QByteArray text = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        const auto read = readDocument(isReadme ? exampleOf(text) : text);
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
