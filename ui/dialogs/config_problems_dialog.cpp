// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs/config_problems_dialog.h"

#include "ui/icons.h"
#include "ui/open_file.h"
#include <QDialogButtonBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace weir::ui {

namespace {

/// "line 12" of the file that is named above anyway, else the place as it is: "--set pool.max".
QString placeText(const config::Problem &problem, const QString &file)
{
    const QString place = QString::fromStdString(problem.where);
    if (place == file)
        return QFileInfo(file).fileName();
    if (place.startsWith(file + QLatin1Char(':')))
        return ConfigProblemsDialog::tr("line %1").arg(place.mid(file.size() + 1));
    return place;
}

QString asTable(const std::vector<config::Problem> &problems, const QString &file)
{
    QString rows;
    for (const config::Problem &problem : problems) {
        rows += QStringLiteral("<tr><td style='white-space:pre'><b>%1</b></td><td width='100%'>%2</td></tr>")
                    .arg(placeText(problem, file).toHtmlEscaped(),
                         QString::fromStdString(problem.what).toHtmlEscaped());
    }
    return QStringLiteral("<table cellpadding='4'>%1</table>").arg(rows);
}

} // namespace

ConfigProblemsDialog::ConfigProblemsDialog(const QString &file, const std::vector<config::Problem> &problems,
                                           QWidget *parent)
    : QDialog(parent), m_file(file), m_told(new QLabel(this))
{
    setWindowTitle(tr("Weir has not started"));
    setWindowIcon(icons::application());
    auto *icon = new QLabel(this);
    const int side = style()->pixelMetric(QStyle::PM_LargeIconSize);
    icon->setPixmap(style()->standardIcon(QStyle::SP_MessageBoxWarning).pixmap(side, side));
    auto *text = new QLabel(this);
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    text->setText(
        problems.size() == 1
            ? tr("Weir has not started, because of a mistake in its settings. They are read from\n%1")
                  .arg(file)
            : tr("Weir has not started, because of %1 mistakes in its settings. They are read from\n%2")
                  .arg(problems.size())
                  .arg(file));
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto *list = new QTextBrowser(this);
    list->setAccessibleName(tr("What is wrong"));
    list->setHtml(asTable(problems, file));
    list->setTabChangesFocus(true);
    m_told->setWordWrap(true);
    m_told->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_told->hide();

    auto *buttons = new QDialogButtonBox(this);
    auto *open = buttons->addButton(tr("&Open file"), QDialogButtonBox::ActionRole);
    open->setEnabled(QFileInfo(file).isFile());
    auto *again = buttons->addButton(tr("&Read it again"), QDialogButtonBox::ActionRole);
    auto *defaults = buttons->addButton(tr("Start with &defaults"), QDialogButtonBox::ActionRole);
    auto *quit = buttons->addButton(tr("&Quit"), QDialogButtonBox::RejectRole);
    (open->isEnabled() ? open : quit)->setDefault(true);
    connect(open, &QPushButton::clicked, this, &ConfigProblemsDialog::openFile);
    connect(again, &QPushButton::clicked, this, [this] { done(ReadAgain); });
    connect(defaults, &QPushButton::clicked, this, [this] { done(StartWithDefaults); });
    connect(quit, &QPushButton::clicked, this, &QDialog::reject);

    auto *head = new QHBoxLayout;
    head->addWidget(icon, 0, Qt::AlignTop);
    head->addWidget(text, 1);
    auto *layout = new QVBoxLayout(this);
    layout->addLayout(head);
    layout->addWidget(list, 1);
    layout->addWidget(m_told);
    layout->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 90, fontMetrics().height() * 20);
}

void ConfigProblemsDialog::openFile()
{
    m_told->setText(ui::openFile(m_file));
    m_told->show();
}

} // namespace weir::ui
